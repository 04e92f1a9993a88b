package dev.sluice.net.tls

import dev.sluice.TlsHandshakeTimeoutException
import dev.sluice.net.StreamServer
import dev.sluice.net.during
import dev.sluice.net.echo
import dev.sluice.net.eventually
import dev.sluice.net.leavingNothing
import dev.sluice.net.plainClient
import dev.sluice.net.port
import dev.sluice.net.received
import dev.sluice.net.startServer
import dev.sluice.tls.TlsOptions
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import java.net.Socket
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.time.Duration.Companion.seconds

private const val MANY = 1000

/** The server waits for the rest: a record that says it has 80 bytes, and the first of them. */
private val BEGINNING = byteArrayOf(22, 3, 1, 0, 80, 1)

/** Clients that connect and then say nothing, or not all of it, or greet and never answer. */
internal class StalledHandshakesTest :
    FunSpec({
        test("a thousand stalled handshakes take no thread, and the server goes on serving others") {
            stalled { server, _ ->
                val threads = Thread.activeCount()
                repeat(20) { server.mustEcho() }
                // The first TLS client may bring those with it that compute for all.
                (Thread.activeCount() - threads) shouldBeLessThan MANY / 10
                eventually("all of them are there") { server.connections == MANY }
            }
        }

        test("each of a thousand stalled handshakes ends after handshakeTimeout, and is reported once") {
            val failures = ConcurrentLinkedQueue<Throwable>()
            stalled(serverTls { handshakeTimeout = 4.seconds }, failures::add) { server, clients ->
                for ((index, client) in clients.withIndex()) {
                    val received = client.received()
                    if (index % 3 < 2) received shouldBe ""
                }
                eventually("all of them are gone") { server.connections == 0 }
                server.mustEcho()
            }
            failures.size shouldBe MANY
            failures.forEach { it.shouldBeInstanceOf<TlsHandshakeTimeoutException>() }
        }
    })

private suspend fun stalled(
    tls: TlsOptions = serverTls(),
    failed: (Throwable) -> Unit = {},
    use: suspend (StreamServer, List<Socket>) -> Unit,
) {
    leavingNothing {
        val options =
            secureServer(tls) {
                backlog = MANY
                onError = { _, e -> failed(e) }
            }
        startServer("127.0.0.1", 0, options, ::echo).during { server ->
            val clients = ArrayList<Socket>()
            val openings = listOf(ByteArray(0), BEGINNING, clientHello())
            try {
                repeat(MANY) {
                    val client = plainClient(server.port)
                    clients += client
                    client.getOutputStream().write(openings[it % openings.size])
                }
                use(server, clients)
            } finally {
                clients.forEach(Socket::close)
            }
        }
    }
}
