package dev.sluice.net.tls

import dev.sluice.Connection
import dev.sluice.InfoKey
import dev.sluice.net.StreamServer
import dev.sluice.net.during
import dev.sluice.net.leavingNothing
import dev.sluice.net.startServer
import dev.sluice.testing.tls.TestIdentity
import dev.sluice.tls.TlsOptions.ClientAuth
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.channels.Channel
import java.security.cert.X509Certificate
import javax.net.ssl.SSLException

/** Whether it is really a client that the server lets in. */
internal class ClientCertificateTest :
    FunSpec({
        val me = authority.issue(commonName = "me")

        suspend fun serving(
            clientAuth: ClientAuth,
            version: String = TLS_1_3,
            use: suspend (StreamServer, Channel<Throwable>) -> Unit,
        ) = leavingNothing {
            val failures = Channel<Throwable>(Channel.UNLIMITED)
            val tls =
                serverTls {
                    this.clientAuth = clientAuth
                    protocols = listOf(version)
                }
            startServer("127.0.0.1", 0, secureServer(tls) { onError = { _, e -> failures.trySend(e) } }, ::tellWho)
                .during { use(it, failures) }
        }

        for (version in listOf(TLS_1_3, TLS_1_2)) {
            test("$version: a server that needs certificates sees those of its clients") {
                serving(ClientAuth.NEED, version) { server, _ -> server.whoIs(me) shouldBe "me" }
            }
            test("T-013 $version: one that only wants them goes on without") {
                serving(ClientAuth.WANT, version) { server, _ ->
                    server.whoIs(null) shouldBe "nobody"
                    server.whoIs(me) shouldBe "me"
                }
            }
            test("$version: one that does not ask sees none") {
                serving(ClientAuth.NONE, version) { server, _ -> server.whoIs(me) shouldBe "nobody" }
            }
        }

        for ((what, identity) in listOf("none" to null, "one that is not trusted" to stranger.issue(commonName = "me"))) {
            test("T-011 TLS 1.3: a client with $what gets to know with its first read or drain") {
                serving(ClientAuth.NEED) { server, failures ->
                    for (act in listOf<suspend (Connection) -> Unit>({ it.reader.read(1) }, ::writeForEver)) {
                        // A client's handshake is over before the server has looked at its certificate.
                        val connection = secureClientOf(server, clientTls(identity))
                        shouldThrow<SSLException> { act(connection) }.message shouldContain "certificate"
                        connection.abort()
                        failures.receive().message shouldContain "certificate"
                    }
                }
            }
            test("T-012 TLS 1.2: a client with $what is refused in the handshake, and hears why") {
                serving(ClientAuth.NEED, TLS_1_2) { server, failures ->
                    shouldThrow<SSLException> { secureClientOf(server, clientTls(identity)) }.message shouldContain
                        "the peer wants a certificate of this side"
                    failures.receive().message shouldContain "certificate"
                }
            }
        }
    })

private suspend fun StreamServer.whoIs(identity: TestIdentity?): String? {
    val connection = secureClientOf(this, clientTls(identity))
    return connection.reader.readLine().also { connection.closeWhole() }
}

private suspend fun tellWho(connection: Connection) {
    val certificate = connection.info[InfoKey.PeerCertificates]?.first() as X509Certificate?
    connection.writer.write((certificate?.subjectX500Principal?.name?.removePrefix("CN=") ?: "nobody") + "\n")
    connection.reader.read()
}

private suspend fun writeForEver(connection: Connection) {
    while (true) {
        connection.writer.write("more")
        connection.writer.drain()
    }
}
