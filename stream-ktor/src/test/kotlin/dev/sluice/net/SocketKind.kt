package dev.sluice.net

import dev.sluice.Connection
import java.net.InetSocketAddress
import java.nio.channels.SocketChannel
import java.nio.file.Files
import java.nio.file.Path

/** For tests that hold for all connections alike: where their sockets come from. */
internal enum class SocketKind {
    TCP {
        override suspend fun pair(loop: EventLoop) = tcpPair(loop)

        override suspend fun serving(
            options: ServerOptions,
            handler: suspend (Connection) -> Unit,
            use: suspend (StreamServer) -> Unit,
        ) = useAndEnd(startServer("127.0.0.1", 0, options, handler), use)

        override suspend fun connect(
            server: StreamServer,
            options: ConnectOptions,
        ) = openConnection("127.0.0.1", (server.addresses.single() as InetSocketAddress).port, options)
    },
    UNIX {
        override suspend fun pair(loop: EventLoop) = unixPair(loop)

        override suspend fun serving(
            options: ServerOptions,
            handler: suspend (Connection) -> Unit,
            use: suspend (StreamServer) -> Unit,
        ) = inFolder { useAndEnd(startUnixServer(it.resolve("socket"), options, handler), use) }

        override suspend fun connect(
            server: StreamServer,
            options: ConnectOptions,
        ) = openUnixConnection(Path.of(server.addresses.single().toString()), options)
    }, ;

    abstract suspend fun pair(loop: EventLoop): Pair<SocketChannel, SocketChannel>

    abstract suspend fun serving(
        options: ServerOptions = ServerOptions.Default,
        handler: suspend (Connection) -> Unit,
        use: suspend (StreamServer) -> Unit,
    )

    abstract suspend fun connect(
        server: StreamServer,
        options: ConnectOptions = ConnectOptions.Default,
    ): Connection

    suspend fun transports(loop: EventLoop): Pair<ChannelTransport, ChannelTransport> {
        val (left, right) = pair(loop)
        return ChannelTransport(left, loop) to ChannelTransport(right, loop)
    }

    /** Both ends on one loop. */
    suspend fun connections(loop: EventLoop): Pair<Connection, Connection> {
        val (left, right) = pair(loop)
        val limits = ConnectOptions.Default.limits
        return limits.connect(left, loop) to limits.connect(right, loop)
    }

    /** A connection, and its peer as a channel in the hands of the test, which blocks. */
    suspend fun connectionAndPeer(
        loop: EventLoop,
        options: ConnectOptions = ConnectOptions.Default,
    ): Pair<Connection, SocketChannel> {
        val (left, right) = pair(loop)
        // Ktor's connecting may have registered the left one; the right one is free.
        right.configureBlocking(true)
        return options.limits.connect(left, loop) to right
    }

    protected suspend fun useAndEnd(
        server: StreamServer,
        use: suspend (StreamServer) -> Unit,
    ) {
        try {
            use(server)
        } finally {
            server.close()
            server.abortClients()
        }
        server.awaitClosed()
    }
}

/** Runs [use] in an empty folder, which is removed with all that is in it. */
internal suspend fun inFolder(use: suspend (Path) -> Unit) {
    val folder = Files.createTempDirectory("sluice")
    try {
        use(folder)
    } finally {
        folder.toFile().deleteRecursively()
    }
}
