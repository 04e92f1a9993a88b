package dev.sluice.net

import dev.sluice.Connection
import java.nio.channels.SocketChannel
import java.nio.file.Files
import java.nio.file.Path

/** For tests that hold for all connections alike: where their sockets come from, and how two sides find each other by an address in text. */
internal enum class SocketKind(
    private val text: String,
) {
    TCP("TCP") {
        override suspend fun pair(loop: EventLoop) = tcpPair(loop)

        override suspend fun <T> withPlace(use: suspend (String) -> T): T = use("127.0.0.1:0")

        override suspend fun serve(
            place: String,
            options: ServerOptions,
            handler: suspend (Connection) -> Unit,
        ) = startServer("127.0.0.1", 0, options, handler)

        override fun addressOf(server: StreamServer): String = "127.0.0.1:${server.port}"

        override suspend fun open(
            address: String,
            options: ConnectOptions,
        ) = openConnection(address.substringBefore(':'), address.substringAfter(':').toInt(), options)
    },
    UNIX("Unix") {
        override suspend fun pair(loop: EventLoop) = unixPair(loop)

        override suspend fun <T> withPlace(use: suspend (String) -> T): T = inFolder { use("$it/socket") }

        override suspend fun serve(
            place: String,
            options: ServerOptions,
            handler: suspend (Connection) -> Unit,
        ) = startUnixServer(Path.of(place), options, handler)

        override fun addressOf(server: StreamServer): String = server.addresses.single().toString()

        override suspend fun open(
            address: String,
            options: ConnectOptions,
        ) = openUnixConnection(Path.of(address), options)
    }, ;

    abstract suspend fun pair(loop: EventLoop): Pair<SocketChannel, SocketChannel>

    /** Gives [use] where a server can listen. */
    abstract suspend fun <T> withPlace(use: suspend (String) -> T): T

    abstract suspend fun serve(
        place: String,
        options: ServerOptions = ServerOptions.Default,
        handler: suspend (Connection) -> Unit,
    ): StreamServer

    abstract fun addressOf(server: StreamServer): String

    abstract suspend fun open(
        address: String,
        options: ConnectOptions = ConnectOptions.Default,
    ): Connection

    suspend fun serving(
        options: ServerOptions = ServerOptions.Default,
        handler: suspend (Connection) -> Unit,
        use: suspend (StreamServer) -> Unit,
    ): Unit = withPlace { serve(it, options, handler).during(use) }

    suspend fun connect(
        server: StreamServer,
        options: ConnectOptions = ConnectOptions.Default,
    ): Connection = open(addressOf(server), options)

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

    override fun toString(): String = text
}

/** Runs [use] in an empty folder, which is removed with all that is in it. */
internal suspend fun <T> inFolder(use: suspend (Path) -> T): T {
    val folder = Files.createTempDirectory("sluice")
    try {
        return use(folder)
    } finally {
        folder.toFile().deleteRecursively()
    }
}
