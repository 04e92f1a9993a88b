package dev.sluice.net.tls

import dev.sluice.Connection
import dev.sluice.net.ServerOptions
import dev.sluice.net.StreamServer
import dev.sluice.net.captureLog
import dev.sluice.net.during
import dev.sluice.net.echo
import dev.sluice.net.eventually
import dev.sluice.net.leavingNothing
import dev.sluice.net.plainClient
import dev.sluice.net.port
import dev.sluice.net.received
import dev.sluice.net.reset
import dev.sluice.net.send
import dev.sluice.net.startServer
import dev.sluice.tls.TlsOptions
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.withContext
import java.net.Socket
import java.util.concurrent.atomic.AtomicInteger
import javax.net.ssl.SSLException
import javax.net.ssl.SSLHandshakeException
import javax.net.ssl.SSLSocket
import kotlin.time.Duration.Companion.milliseconds

private const val ALERT = 21
private const val FATAL = 2

/** What becomes of a server when its clients don't do their part. */
internal class TlsServerTest :
    FunSpec({
        test("T-014 a failed handshake is reported, the handler never called, and the server goes on") {
            serving { at ->
                shouldThrow<SSLHandshakeException> { secureClientOf(at.server, TlsOptions {}) }
                val (connection, failure) = at.failures.receive()
                connection shouldBe null
                failure.shouldBeInstanceOf<SSLHandshakeException>()
                failure.message shouldContain "127.0.0.1:"
                at.handled.get() shouldBe 0
                at.server.mustEcho()
            }
        }

        test("T-014 by default it is a line for debugging, with the address of the client") {
            leavingNothing {
                captureLog(StreamServer::class.java).use { log ->
                    startServer("127.0.0.1", 0, secureServer(), ::echo).during { server ->
                        shouldThrow<SSLHandshakeException> { secureClientOf(server, TlsOptions {}) }
                        // That the connection ended badly is another.
                        val lines = { log.lines.filterNot { "ended badly" in it } }
                        eventually("the line is there") { lines().isNotEmpty() }
                        val line = lines().single()
                        line shouldContain "DEBUG"
                        line shouldContain Regex("handshake with .*127\\.0\\.0\\.1:\\d+")
                        log.lines.forEach { it shouldContain "DEBUG" }
                    }
                }
            }
        }

        test("a second handshake in TLS 1.2 is refused: no part of it is carried out, and the peer is told") {
            val failed = Channel<Throwable>(Channel.UNLIMITED)
            val options =
                secureServer(serverTls { protocols = listOf(TLS_1_2) }) {
                    onError = { _, failure -> failed.trySend(failure) }
                }
            startServer("127.0.0.1", 0, options, ::echo).during { server ->
                withContext(Dispatchers.IO) {
                    (authority.context().socketFactory.createSocket("localhost", server.port) as SSLSocket).use { client ->
                        client.soTimeout = 60_000
                        client.startHandshake()
                        client.outputStream.write("ping\n".toByteArray())
                        client.inputStream.readNBytes(5).decodeToString() shouldBe "ping\n"
                        var completed = 1
                        client.addHandshakeCompletedListener { completed++ }
                        shouldThrow<SSLException> {
                            client.startHandshake()
                            client.inputStream.read()
                        }
                        completed shouldBe 1
                    }
                }
                failed.receive().run {
                    this::class shouldBe SSLException::class
                    message shouldContain "renegotiation"
                }
            }
        }

        test("T-015 a client that speaks plain text gets a fatal alert and then the end") {
            serving { at ->
                plainClient(at.server.port).use { client ->
                    client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    val told = client.getInputStream().readBytes().map { it.toInt() }
                    told shouldHaveSize 7
                    told[0] shouldBe ALERT
                    told.subList(3, 6) shouldBe listOf(0, 2, FATAL)
                }
                at.failures.receive().second.run {
                    this::class shouldBe SSLException::class
                    message shouldContain "does not speak TLS"
                }
                at.server.mustEcho()
            }
        }

        for ((how, leave) in listOf<Pair<String, Socket.() -> Unit>>("leaves" to Socket::close, "resets" to Socket::reset)) {
            test("T-016 a client that $how before it has said anything is no news") {
                serving { at ->
                    plainClient(at.server.port).leave()
                    eventually("the client is gone") { at.server.connections == 0 }
                    at.server.mustEcho()
                }
            }
        }

        test("T-020 a client that says nothing is dropped after handshakeTimeout, and sees the end") {
            serving(serverTls { handshakeTimeout = 50.milliseconds }) { at ->
                plainClient(at.server.port).use { it.received() shouldBe "" }
                at.failures
                    .receive()
                    .second.message shouldContain "50ms"
            }
        }

        test("T-022 a handler is called only after the handshake") {
            serving { at ->
                plainClient(at.server.port).use { client ->
                    eventually("the client is accepted") { at.server.connections == 1 }
                    client.send("\u0016\u0003\u0001")
                    // Others come and go meanwhile.
                    at.server.mustEcho()
                    at.handled.get() shouldBe 1
                }
                at.failures
                    .receive()
                    .second.message shouldContain "closed the connection during it"
            }
        }

        test("S-027 a context without a key makes every handshake fail, and the report names what is missing") {
            serving(serverTls(identity = null)) { at ->
                repeat(2) {
                    shouldThrow<SSLHandshakeException> { secureClientOf(at.server) }
                    at.failures.receive().second.run {
                        shouldBeInstanceOf<SSLHandshakeException>()
                        message shouldContain "certificate and key"
                        message shouldContain "set identity"
                    }
                }
                at.handled.get() shouldBe 0
            }
        }

        for ((how, end) in listOf("closeClients" to StreamServer::closeClients, "abortClients" to StreamServer::abortClients)) {
            test("$how ends those that are in a handshake, and it is no failure of theirs") {
                serving { at ->
                    plainClient(at.server.port).use { client ->
                        client.send("\u0016\u0003\u0001")
                        eventually("the client is accepted") { at.server.connections == 1 }
                        end(at.server)
                        eventually("it is gone") { at.server.connections == 0 }
                        runCatching { client.received() }.getOrDefault("") shouldBe ""
                    }
                    at.server.mustEcho()
                }
            }
        }
    })

/** A server that echoes, and what is known of it. */
private class At(
    val server: StreamServer,
    val failures: Channel<Pair<Connection?, Throwable>>,
    val handled: AtomicInteger,
)

/** Every failure that is reported has to be looked at by [use]. */
private suspend fun serving(
    tls: TlsOptions = serverTls(),
    use: suspend (At) -> Unit,
) {
    leavingNothing {
        val failures = Channel<Pair<Connection?, Throwable>>(Channel.UNLIMITED)
        val handled = AtomicInteger()
        val options: ServerOptions = secureServer(tls) { onError = { connection, e -> failures.trySend(connection to e) } }
        val server =
            startServer("127.0.0.1", 0, options) {
                handled.incrementAndGet()
                echo(it)
            }
        server.during { use(At(server, failures, handled)) }
        failures.tryReceive().getOrNull() shouldBe null
    }
}
