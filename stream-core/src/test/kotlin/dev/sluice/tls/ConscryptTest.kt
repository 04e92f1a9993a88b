package dev.sluice.tls

import dev.sluice.Connection
import dev.sluice.InfoKey
import dev.sluice.testing.Chunking
import dev.sluice.testing.memoryTransportPair
import dev.sluice.testing.tls.TestAuthority
import dev.sluice.tls.TlsOptions.ClientAuth
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.security.cert.X509Certificate
import javax.net.ssl.ExtendedSSLSession
import javax.net.ssl.SNIHostName
import javax.net.ssl.SSLContext
import javax.net.ssl.SSLHandshakeException
import javax.net.ssl.X509ExtendedTrustManager

private suspend fun Pair<Connection, Connection>.exchange(
    fromClient: Int,
    fromServer: Int = fromClient,
) = withContext(Dispatchers.Default) {
    for ((from, to, size) in listOf(Triple(first, second, fromClient), Triple(second, first, fromServer))) {
        val data = ByteArray(size) { (it * 13).toByte() }
        launch {
            from.writer.write(data)
            from.writer.drain()
        }
        launch { to.reader.readExactly(size) shouldBe data }
    }
}

internal class ConscryptTest : FunSpec({
    val me = authority.issue("me")

    for (meeting in Meeting.entries) {
        for (version in versions) {
            test("$meeting, $version: megabytes go both ways, through changes of keys") {
                val pair = meeting.connections(version)
                pair.first.info[InfoKey.TlsProtocol] shouldBe version
                pair.second.info[InfoKey.TlsProtocol] shouldBe version
                pair.exchange(
                    fromClient = meeting.much(version, meeting.clientIsConscrypt, meeting.serverIsConscrypt),
                    fromServer = meeting.much(version, meeting.serverIsConscrypt, meeting.clientIsConscrypt),
                )
            }

            test("$meeting, $version: records come a byte at a time") {
                meeting.chunked(version, Chunking.OneByte).exchange(100_000)
            }

            test("$meeting, $version: T-004, J-050 a certificate is accepted for its names and addresses, and for no others") {
                for (host in listOf("localhost", "127.0.0.1")) {
                    val (client, _) = meeting.connections(version, client = { serverHostname = host })
                    (client.info[InfoKey.PeerCertificates]!!.first() as X509Certificate).subjectX500Principal.name shouldBe
                        "CN=localhost"
                }
                for (host in listOf("other.example", "127.0.0.2")) {
                    val (client, server) =
                        failures(meeting.client(version) { serverHostname = host }, meeting.server(version))
                    client.shouldBeInstanceOf<SSLHandshakeException>().message shouldStartWith
                        "the TLS handshake with $host failed: "
                    if (version == TLS_1_2) {
                        server.shouldBeInstanceOf<SSLHandshakeException>().message.shouldNotBeNull() shouldContain
                            "the peer does not accept the certificate of this side"
                    }
                    failures(
                        meeting.client(version) {
                            serverHostname = host
                            verifyHostname = false
                        },
                        meeting.server(version),
                    ) shouldBe (null to null)
                }
            }

            test("$meeting, $version: a server that nobody trusted vouches for is refused, and hears it") {
                val stranger = TestAuthority("Stranger")
                val client =
                    clientTls {
                        context = if (meeting.clientIsConscrypt) conscryptContext(trusted = stranger) else stranger.context()
                        protocols = listOf(version)
                    }
                val (below, above) = memoryTransportPair()
                val (here, there) = failures(client, meeting.server(version), below to above)
                here.shouldBeInstanceOf<SSLHandshakeException>().message shouldContain "the peer's certificate is not trusted"
                there.shouldBeInstanceOf<SSLHandshakeException>().message shouldContain
                    "the peer does not accept the certificate of this side (alert "
            }

            test("$meeting, $version: a client asks for the host by its name") {
                val (_, server) = meeting.connections(version)
                val session = server.info[InfoKey.TlsSession].shouldBeInstanceOf<ExtendedSSLSession>()
                session.requestedServerNames shouldBe listOf(SNIHostName("localhost"))
                val (_, other) = meeting.connections(version, client = { serverHostname = "127.0.0.1" })
                (other.info[InfoKey.TlsSession] as ExtendedSSLSession).requestedServerNames shouldBe emptyList()
            }

            test("$meeting, $version: T-010 the application protocol that both have is agreed on") {
                suspend fun agreed(
                    client: List<String>,
                    server: List<String>,
                ) = meeting
                    .connections(version, client = { applicationProtocols = client }, server = { applicationProtocols = server })
                    .let { (a, b) -> a.info[InfoKey.ApplicationProtocol] to b.info[InfoKey.ApplicationProtocol] }
                agreed(listOf("h2", "http/1.1"), listOf("http/1.1")) shouldBe ("http/1.1" to "http/1.1")
                agreed(listOf("http/1.1", "h2"), listOf("h2", "http/1.1")) shouldBe ("h2" to "h2")
                agreed(listOf("h2"), emptyList()) shouldBe (null to null)
                agreed(emptyList(), listOf("h2")) shouldBe (null to null)
                if (meeting.serverIsConscrypt) agreed(listOf("h2"), listOf("http/1.1")) shouldBe (null to null)
            }

            if (!meeting.serverIsConscrypt) {
                test("$meeting, $version: T-010 without an application protocol in common there is no connection") {
                    val (client, server) =
                        failures(
                            meeting.client(version) { applicationProtocols = listOf("h2") },
                            meeting.server(version) { applicationProtocols = listOf("http/1.1") },
                        )
                    for (failure in listOf(client, server)) {
                        failure.shouldBeInstanceOf<SSLHandshakeException>().message shouldContain
                            "the two sides have no application protocol in common"
                    }
                }
            }

            test("$meeting, $version: certificates of clients are asked for, and needed only where they are") {
                for (auth in listOf(ClientAuth.NEED, ClientAuth.WANT)) {
                    val (_, server) =
                        meeting.connections(
                            version,
                            client = { context = meeting.clientContext(me) },
                            server = { clientAuth = auth },
                        )
                    server.info[InfoKey.PeerCertificates] shouldBe me.chain
                }
                val (_, without) = meeting.connections(version, server = { clientAuth = ClientAuth.WANT })
                without.info[InfoKey.PeerCertificates] shouldBe null
                val (_, refused) = failures(meeting.client(version), meeting.server(version) { clientAuth = ClientAuth.NEED })
                refused.shouldBeInstanceOf<SSLHandshakeException>().message shouldContain
                    "the client has not shown the certificate that this server needs"
            }

            test("$meeting, $version: T-050 a connection is upgraded in place") {
                val (client, server) = memoryTransportPair().let { (a, b) -> Connection(a) to Connection(b) }
                client.writer.write("STARTTLS\n")
                server.reader.readLine() shouldBe "STARTTLS"
                coroutineScope {
                    launch { server.startTls(meeting.server(version)) }
                    client.startTls(meeting.client(version))
                }
                client.info[InfoKey.TlsProtocol] shouldBe version
                (client to server).exchange(300_000)
            }
        }
    }

    test("a wrong host is said with the names that the certificate has, also where Conscrypt decides") {
        val trust = conscryptTrust(authority).map { NamingTrustManager(it as X509ExtendedTrustManager) }
        val naming = SSLContext.getInstance("TLS", conscrypt).apply { init(null, trust.toTypedArray(), null) }
        val (client, _) =
            failures(
                clientTls {
                    context = naming
                    serverHostname = "other.example"
                },
                serverTls(),
            )
        client.shouldBeInstanceOf<SSLHandshakeException>().message shouldBe
            "the TLS handshake with other.example failed: the certificate is for localhost, 127.0.0.1, and not for other.example"
    }

    test("with the JDK's trust manager a client of Conscrypt gets no further than TLS 1.2, and is told why") {
        val mixed = authority.context(conscrypt)
        failures(
            clientTls {
                context = mixed
                protocols = listOf(TLS_1_2)
            },
            serverTls(),
        ) shouldBe (null to null)
        val (client, _) = failures(clientTls { context = mixed }, serverTls())
        client.shouldBeInstanceOf<SSLHandshakeException>().message shouldBe
            "the TLS handshake with localhost failed: Unknown authType: GENERIC"
    }
})
