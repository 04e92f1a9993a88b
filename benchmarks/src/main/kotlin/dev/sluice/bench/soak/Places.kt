package dev.sluice.bench.soak

import dev.sluice.Connection
import dev.sluice.ConnectionResetException
import dev.sluice.IdleTimeoutException
import dev.sluice.StreamClosedException
import dev.sluice.net.ServerOptions
import dev.sluice.net.StreamServer
import dev.sluice.net.startServer
import dev.sluice.net.startUnixServer
import java.net.InetSocketAddress
import java.nio.channels.SocketChannel
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.ConcurrentLinkedQueue
import javax.net.ssl.SSLException
import kotlin.time.Duration.Companion.milliseconds

internal const val HOST: String = "127.0.0.1"

/** Where the exercises go: servers that are there all the time, and what is no server. */
internal class Places private constructor(
    private val folder: Path,
    val security: Security,
) : AutoCloseable {
    private val servers = ArrayList<StreamServer>()

    /** What handlers threw that has no part in any exercise. */
    val complaints: ConcurrentLinkedQueue<Throwable> = ConcurrentLinkedQueue()

    val socket: Path = folder.resolve("echo")
    val nothing: Path = folder.resolve("nothing")
    val file: Path = folder.resolve("file")
    val content: ByteArray = ByteArray(FILE_SIZE) { (it * 31 + it / 251).toByte() }

    /** A port of this process's own at which nobody listens. */
    private val refusing = SocketChannel.open().bind(InetSocketAddress(HOST, 0))
    val refusingPort: Int = (refusing.localAddress as InetSocketAddress).port
    private val crowded = CrowdedPort()
    val crowdedPort: Int = crowded.port
    private val facade = FacadeEcho()
    val facadePort: Int = facade.port()

    var echoPort: Int = 0
        private set
    var tlsPort: Int = 0
        private set
    var resettingPort: Int = 0
        private set
    var mutePort: Int = 0
        private set
    var deafPort: Int = 0
        private set

    /** How many clients the servers still have. */
    val clients: Int get() = servers.sumOf { it.connections } + facade.connections()

    private suspend fun open() {
        Files.write(file, content)
        echoPort = serve(options {}, ::echo)
        tlsPort = serve(options { tls = security.server }, ::echo)
        // It takes one byte, and resets.
        resettingPort =
            serve(options {}) {
                it.reader.readExactly(1)
                it.abort()
            }
        // It takes all, and says nothing.
        mutePort = serve(options {}) { it.reader.read() }
        // It takes nothing, until it has had enough of it.
        deafPort = serve(options { idleTimeout = 200.milliseconds }) { it.awaitClosed() }
        servers += startUnixServer(socket, options {}, ::echo)
    }

    private suspend fun serve(
        options: ServerOptions,
        handler: suspend (Connection) -> Unit,
    ): Int {
        val server = startServer(HOST, 0, options, handler)
        servers += server
        return (server.addresses.single() as InetSocketAddress).port
    }

    private fun options(more: ServerOptions.Builder.() -> Unit) =
        ServerOptions {
            onError = { _, failure -> if (!isPartOfAnExercise(failure)) complaints += failure }
            more()
        }

    private fun isPartOfAnExercise(failure: Throwable) =
        failure is ConnectionResetException ||
            failure is StreamClosedException ||
            failure is IdleTimeoutException ||
            failure is SSLException

    private suspend fun echo(connection: Connection) {
        connection.reader.copyTo(connection.writer)
    }

    override fun close() {
        servers.forEach(StreamServer::close)
        servers.forEach(StreamServer::abortClients)
        facade.close()
        crowded.close()
        refusing.close()
        folder.toFile().deleteRecursively()
    }

    companion object {
        private const val FILE_SIZE = 300_000

        suspend fun open(): Places {
            val folder = Files.createTempDirectory("sluice-soak")
            return Places(folder, Security.create(folder)).also { it.open() }
        }
    }
}
