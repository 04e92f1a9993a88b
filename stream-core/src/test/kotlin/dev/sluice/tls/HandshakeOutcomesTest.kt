package dev.sluice.tls

import dev.sluice.Connection
import dev.sluice.InfoKey
import dev.sluice.testing.memoryTransportPair
import dev.sluice.testing.tls.TestAuthority
import dev.sluice.testing.tls.TestIdentity
import dev.sluice.tls.TlsOptions.ClientAuth
import dev.sluice.transport.Transport
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.net.Socket
import java.nio.ByteBuffer
import java.security.Principal
import java.security.PrivateKey
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit.SECONDS
import javax.net.ssl.SSLContext
import javax.net.ssl.SSLEngine
import javax.net.ssl.SSLException
import javax.net.ssl.SSLHandshakeException
import javax.net.ssl.X509ExtendedKeyManager

private const val NO_TLS = "the peer does not speak TLS; what it sent is something else"

private fun Transport.send(bytes: ByteArray) = tryWrite(ByteBuffer.wrap(bytes)) shouldBe bytes.size

/** What this end gets until its peer's end, which must have come. */
private fun Transport.receiveAll(): ByteArray {
    val into = ByteBuffer.allocate(100_000)
    do {
        val count = tryRead(into)
        count shouldNotBe 0
    } while (count > 0)
    return into.array().copyOf(into.position())
}

private fun bytes(hex: String) = hex.split(' ').map { it.toInt(16).toByte() }.toByteArray()

internal class HandshakeOutcomesTest : FunSpec({
    val mutual = authority.issue("localhost").context(authority)
    val needing =
        serverTls {
            context = mutual
            clientAuth = ClientAuth.NEED
        }

    for (version in versions) {
        test("J-050 $version: engines check no host unless told, and are told unless somebody says otherwise") {
            clientContext
                .createSSLEngine("other.example", 443)
                .apply { useClientMode = true }
                .sslParameters.endpointIdentificationAlgorithm
                .orEmpty() shouldBe ""
            val other =
                clientTls {
                    serverHostname = "other.example"
                    protocols = listOf(version)
                }
            other.newEngine(true, "other.example", 443).sslParameters.endpointIdentificationAlgorithm shouldBe "HTTPS"
            val (client, server) = failures(other, serverTls())
            client.shouldBeInstanceOf<SSLHandshakeException>().message shouldStartWith
                "the TLS handshake with other.example failed: "
            server.shouldBeInstanceOf<SSLHandshakeException>()
            val anyHost =
                clientTls {
                    serverHostname = "other.example"
                    verifyHostname = false
                    protocols = listOf(version)
                }
            failures(anyHost, serverTls()) shouldBe (null to null)
            // It is the name alone that is not looked at.
            val stranger = TestAuthority("Stranger").context()
            failures(
                clientTls {
                    context = stranger
                    verifyHostname = false
                },
                serverTls(),
            ).first.shouldBeInstanceOf<SSLHandshakeException>().message shouldContain "is not trusted"
        }

        test("T-010 $version: without an application protocol in common there is no connection") {
            val client = clientTls { applicationProtocols = listOf("h2") }
            val (here, there) =
                failures(
                    client,
                    serverTls {
                        applicationProtocols = listOf("http/1.1")
                        protocols = listOf(version)
                    },
                )
            here.shouldBeInstanceOf<SSLHandshakeException>().message shouldBe
                "the TLS handshake with localhost failed: " +
                "the two sides have no application protocol in common (alert no_application_protocol)"
            there.shouldBeInstanceOf<SSLHandshakeException>().message shouldBe
                "the TLS handshake with the peer failed: the two sides have no application protocol in common"
        }

        test("T-010 $version: where one side speaks of application protocols, none is agreed on") {
            for ((ours, theirs) in listOf(listOf("h2") to emptyList(), emptyList<String>() to listOf("h2"))) {
                val ends =
                    memoryTransportPair().withTls(
                        clientTls { applicationProtocols = ours },
                        serverTls {
                            applicationProtocols = theirs
                            protocols = listOf(version)
                        },
                    )
                for (end in ends.toList()) end.info[InfoKey.ApplicationProtocol] shouldBe null
            }
        }
    }

    test("J-052 what an alert is called elsewhere in the text of one JDK or another makes no difference") {
        for (isClient in listOf(true, false)) {
            for (alert in listOf(
                "certificate_required",
                "bad_certificate",
                "handshake_failure",
                "protocol_version",
                "internal_error",
            )) {
                // As JDK 17 has it, and JDK 25.
                val (old, new) =
                    listOf("Received fatal alert: $alert", "($alert) Received fatal alert: $alert")
                        .map { handshakeFailure(SSLHandshakeException(it), "the peer", isClient).message!! }
                new shouldBe old
                old shouldContain " (alert $alert)"
            }
            for (problem in listOf("No available authentication scheme", "Empty client certificate chain")) {
                val (old, new) =
                    listOf(problem, "(handshake_failure) $problem")
                        .map { handshakeFailure(SSLHandshakeException(it), "the peer", isClient).message!! }
                new shouldBe old
                old.contains(problem) shouldBe false
            }
        }
    }

    test("J-053 a client without the certificate that is needed hears of it at its first read, and at each drain after it") {
        val (a, b) = memoryTransportPair()
        coroutineScope {
            val serving = async { runCatching { b.withTls(needing) } }
            val client = Connection(a.withTls(clientTls { protocols = listOf(TLS_1_3) }))
            client.info[InfoKey.TlsProtocol] shouldBe TLS_1_3
            serving
                .await()
                .exceptionOrNull()
                .shouldBeInstanceOf<SSLHandshakeException>()
                .message shouldContain
                "the client has not shown the certificate that this server needs"
            repeat(2) { shouldThrow<SSLException> { client.reader.read(1) }.message shouldContain "Received fatal alert: " }
            shouldThrow<SSLException> {
                client.writer.write("hello?")
                client.writer.drain()
            }.message shouldContain "Received fatal alert: "
        }
    }

    test("J-054 a server's last word to a client that it can't get on with is a fatal alert, and then comes the end") {
        val (a, b) = memoryTransportPair()
        val client = clientContext.createSSLEngine().apply { useClientMode = true }
        client.enabledProtocols = arrayOf(TLS_1_3)
        client.beginHandshake()
        val hello = ByteBuffer.allocate(client.session.packetBufferSize)
        client.wrap(ByteBuffer.allocate(0), hello)
        a.send(hello.array().copyOf(hello.position()))
        shouldThrow<SSLHandshakeException> { b.withTls(serverTls { protocols = listOf(TLS_1_2) }) }
        // Alert, TLS 1.2, two bytes: fatal, protocol_version.
        a.receiveAll() shouldBe bytes("15 3 3 0 2 2 46")
    }

    test("J-054 a client's last word to a server that it does not trust is a fatal alert, and then comes the end") {
        val (a, b) = memoryTransportPair()
        val taken = Recording(b)
        val stranger = TestAuthority("Stranger").context()
        val (here, there) =
            failures(
                clientTls {
                    context = stranger
                    protocols = listOf(TLS_1_2)
                },
                serverTls(),
                a to taken,
            )
        here.shouldBeInstanceOf<SSLHandshakeException>()
        there.shouldBeInstanceOf<SSLHandshakeException>()
        // Alert, TLS 1.2, two bytes: fatal, certificate_unknown.
        taken.bytes.takeLast(7).toByteArray() shouldBe bytes("15 3 3 0 2 2 2e")
    }

    test("J-056 a server that does not speak TLS is said not to, and a client as well") {
        for (text in listOf("HTTP/1.1 400 Bad Request\r\n\r\n", "220 mail.example ESMTP\r\n", "SSH-2.0-OpenSSH_9.6\r\n")) {
            val (a, b) = memoryTransportPair()
            b.send(text.toByteArray())
            val failure = shouldThrow<SSLException> { a.withTls(clientTls()) }
            failure::class shouldBe SSLException::class
            failure.message shouldBe "the TLS handshake with localhost failed: $NO_TLS"
        }
        for (text in listOf("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "EHLO me\r\n", "SSH-2.0-OpenSSH_9.6\r\n")) {
            val (a, b) = memoryTransportPair()
            a.send(text.toByteArray())
            val failure = shouldThrow<SSLException> { b.withTls(serverTls()) }
            failure::class shouldBe SSLException::class
            failure.message shouldBe "the TLS handshake with the peer failed: $NO_TLS"
        }
    }

    test("J-062 what an engine computes runs elsewhere: neighbours on the only thread go on") {
        val loop = Executors.newSingleThreadExecutor().asCoroutineDispatcher()
        try {
            val keys = WaitingKeys(authority.issue("localhost"))
            withContext(loop) {
                val loopThread = Thread.currentThread()
                coroutineScope {
                    val (a, b) = memoryTransportPair()
                    launch { b.withTls(serverTls { context = keys.context() }) }
                    launch { a.withTls(clientTls()) }
                    launch {
                        keys.asked.await()
                        keys.neighbourRan.countDown()
                    }
                }
                keys.waitedInVain shouldBe false
                keys.thread shouldNotBe null
                keys.thread shouldNotBe loopThread
            }
        } finally {
            loop.close()
        }
    }
})

/** Hands out the key of [identity] when somebody has run [neighbourRan]. */
private class WaitingKeys(
    private val identity: TestIdentity,
) : X509ExtendedKeyManager() {
    private val inner = identity.keyManagers().filterIsInstance<X509ExtendedKeyManager>().first()
    val asked = CompletableDeferred<Unit>()
    val neighbourRan = CountDownLatch(1)

    @Volatile
    var thread: Thread? = null

    @Volatile
    var waitedInVain = false

    fun context(): SSLContext = SSLContext.getInstance("TLS").also { it.init(arrayOf(this), null, null) }

    override fun getPrivateKey(alias: String?): PrivateKey? {
        thread = Thread.currentThread()
        asked.complete(Unit)
        if (!neighbourRan.await(30, SECONDS)) waitedInVain = true
        return inner.getPrivateKey(alias)
    }

    override fun chooseEngineServerAlias(
        keyType: String?,
        issuers: Array<out Principal>?,
        engine: SSLEngine?,
    ): String? = inner.chooseEngineServerAlias(keyType, issuers, engine)

    override fun getClientAliases(
        keyType: String?,
        issuers: Array<out Principal>?,
    ) = inner.getClientAliases(keyType, issuers)

    override fun chooseClientAlias(
        keyType: Array<out String>?,
        issuers: Array<out Principal>?,
        socket: Socket?,
    ) = inner.chooseClientAlias(keyType, issuers, socket)

    override fun getServerAliases(
        keyType: String?,
        issuers: Array<out Principal>?,
    ) = inner.getServerAliases(keyType, issuers)

    override fun chooseServerAlias(
        keyType: String?,
        issuers: Array<out Principal>?,
        socket: Socket?,
    ) = inner.chooseServerAlias(keyType, issuers, socket)

    override fun getCertificateChain(alias: String?) = inner.getCertificateChain(alias)
}

/** Keeps what is read. */
private class Recording(
    private val inner: Transport,
) : Transport by inner {
    val bytes = mutableListOf<Byte>()

    override fun tryRead(into: ByteBuffer): Int {
        val before = into.position()
        return inner.tryRead(into).also { for (i in before until into.position()) bytes += into.get(i) }
    }
}
