import dev.sluice.Connection
import dev.sluice.ConnectionResetException
import dev.sluice.async.AsyncStreams
import dev.sluice.net.ConnectOptions
import dev.sluice.net.ServerOptions
import dev.sluice.net.StreamServer
import dev.sluice.net.asConnection
import dev.sluice.net.openConnection
import dev.sluice.net.startServer
import dev.sluice.process.startProcess
import dev.sluice.tls.TlsOptions
import io.ktor.network.selector.SelectorManager
import io.ktor.network.sockets.aSocket
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import java.net.InetSocketAddress
import java.nio.file.Path
import kotlin.time.Duration.Companion.minutes

/** Goes through what Sluice finds by name, or does without: a shrinker may have renamed or removed it. */
fun main(arguments: Array<String>): Unit =
    runBlocking {
        // What is not found may show as something that never happens.
        withTimeout(1.minutes) {
            overTls(keyStore = Path.of(arguments[0]), certificate = Path.of(arguments[1]))
            withFutures()
            overKtor()
            inProcess()
        }
    }

private suspend fun overTls(
    keyStore: Path,
    certificate: Path,
) {
    val options = ServerOptions { tls = TlsOptions { keyStore(keyStore, "secret") } }
    startServer("127.0.0.1", 0, options, ::echo).use { server ->
        val trusting = ConnectOptions { tls = TlsOptions { trust(certificate) } }
        openConnection("localhost", server.port, trusting).use { (reader, writer) ->
            writer.write("over TLS\n")
            println(reader.readLine())
        }
    }
}

private suspend fun withFutures() {
    startServer("127.0.0.1", 0, handler = ::echo).use { server ->
        val connection = AsyncStreams.openConnection("127.0.0.1", server.port).join()
        connection.use {
            it.writer().write("with futures\n")
            println(it.reader().readLine().join())
        }
        connection.awaitClosed().join()
    }
}

/** A reset goes out when Ktor's selector has let go of the socket, and it sleeps. */
private suspend fun overKtor() {
    val end = CompletableDeferred<String>()
    startServer("127.0.0.1", 0) { (reader, _) ->
        try {
            end.complete("${reader.read().size} bytes and the end")
        } catch (_: ConnectionResetException) {
            end.complete("over Ktor, until it was reset")
        }
    }.use { server ->
        SelectorManager(Dispatchers.IO).use { selector ->
            aSocket(selector).tcp().connect("127.0.0.1", server.port).asConnection().abort()
            println(end.await())
        }
    }
}

private suspend fun inProcess() {
    startProcess("echo", "in a process").use { println(it.stdout.readLine()) }
}

private suspend fun echo(connection: Connection) {
    for (line in connection.reader) connection.writer.write(line)
}

private val StreamServer.port get() = (addresses.first() as InetSocketAddress).port
