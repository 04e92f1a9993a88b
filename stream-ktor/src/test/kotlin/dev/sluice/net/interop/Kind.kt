package dev.sluice.net.interop

import dev.sluice.Connection
import dev.sluice.net.ConnectOptions
import dev.sluice.net.ServerOptions
import dev.sluice.net.StreamServer
import dev.sluice.net.openConnection
import dev.sluice.net.openUnixConnection
import dev.sluice.net.startServer
import dev.sluice.net.startUnixServer
import java.net.InetSocketAddress
import java.nio.file.Files
import java.nio.file.Path

/** A kind of sockets, and how two sides find each other over it: by an address in text, which peers read and write as well. */
internal enum class Kind(
    private val text: String,
) {
    TCP("TCP") {
        override suspend fun <T> withPlace(use: suspend (String) -> T): T = use("127.0.0.1:0")

        override suspend fun serve(
            place: String,
            options: ServerOptions,
            handler: suspend (Connection) -> Unit,
        ) = startServer("127.0.0.1", 0, options, handler)

        override fun addressOf(server: StreamServer): String =
            "127.0.0.1:${(server.addresses.single() as InetSocketAddress).port}"

        override suspend fun open(
            address: String,
            options: ConnectOptions,
        ) = openConnection(address.substringBefore(':'), address.substringAfter(':').toInt(), options)
    },
    UNIX("Unix sockets") {
        override suspend fun <T> withPlace(use: suspend (String) -> T): T {
            val folder = Files.createTempDirectory("sluice")
            try {
                return use("$folder/socket")
            } finally {
                folder.toFile().deleteRecursively()
            }
        }

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

    override fun toString(): String = text
}
