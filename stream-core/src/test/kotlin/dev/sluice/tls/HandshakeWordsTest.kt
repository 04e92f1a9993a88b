package dev.sluice.tls

import dev.sluice.testing.tls.TestAuthority
import dev.sluice.testing.tls.TestIdentity
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldMatch
import io.kotest.matchers.types.shouldBeSameInstanceAs
import org.conscrypt.Conscrypt
import java.security.Provider
import javax.net.ssl.SSLContext
import javax.net.ssl.SSLEngine
import javax.net.ssl.SSLException
import javax.net.ssl.SSLHandshakeException

private const val BEGINNING = "the TLS handshake with the peer failed: "

private fun SSLException?.inWords(isClient: Boolean): SSLException {
    val cause = shouldNotBeNull()
    val said = handshakeFailure(cause, "the peer", isClient)
    said.cause shouldBeSameInstanceAs cause
    handshakeFailure(said, "another", isClient) shouldBeSameInstanceAs said
    return said
}

private fun HandshakeOutcome.client() = handshakeWords(client, isClient = true)

private fun HandshakeOutcome.server() = handshakeWords(server, isClient = false)

private fun handshakeWords(
    failure: SSLException?,
    isClient: Boolean,
): String {
    val said = failure.inWords(isClient)
    said::class shouldBe SSLHandshakeException::class
    said.message.shouldNotBeNull() shouldContain BEGINNING
    return said.message!!.removePrefix(BEGINNING)
}

/** What engines say differs from JDK to JDK; what is made of it must not. */
internal class HandshakeWordsTest : FunSpec({
    val stranger = TestAuthority("Stranger")
    val good = authority.issue("example.org")
    val conscrypt = Conscrypt.newProvider()

    fun client(
        context: SSLContext = authority.context(),
        host: String = "example.org",
        set: SSLEngine.() -> Unit = {},
    ): SSLEngine =
        context.createSSLEngine(host, 443).apply {
            useClientMode = true
            sslParameters = sslParameters.apply { endpointIdentificationAlgorithm = "HTTPS" }
            set()
        }

    fun server(
        identity: TestIdentity? = good,
        provider: Provider? = null,
        set: SSLEngine.() -> Unit = {},
    ): SSLEngine =
        (identity?.context(authority, provider) ?: authority.context(provider)).createSSLEngine().apply {
            useClientMode = false
            set()
        }

    for (version in listOf("TLSv1.3", "TLSv1.2")) {
        fun shake(
            client: SSLEngine,
            server: SSLEngine,
        ): HandshakeOutcome {
            client.enabledProtocols = arrayOf(version)
            server.enabledProtocols = arrayOf(version)
            return shakeHands(client, server)
        }

        test("$version engines that have all they need get along") {
            val client = client(good.context(authority))
            val outcome = shake(client, server { needClientAuth = true })
            outcome.client shouldBe null
            outcome.server shouldBe null
            client.session.protocol shouldBe version
        }

        test("$version a certificate out of its time is said to be, with the time") {
            val expired = shake(client(), server(authority.issue("example.org", valid = TestAuthority.days(-9, -1))))
            expired.client() shouldMatch Regex("the peer's certificate has expired \\(NotAfter: .*20\\d\\d.*\\)")
            expired.server() shouldMatch Regex("the peer (does not accept|finds) the certificate of this side .*")
            val early = shake(client(), server(authority.issue("example.org", valid = TestAuthority.days(1, 9))))
            early.client() shouldMatch Regex("the peer's certificate is not valid yet \\(NotBefore: .*20\\d\\d.*\\)")
            early.server() shouldContain "the peer does not accept the certificate of this side"
        }

        test("$version a certificate that nobody trusted has issued is not trusted") {
            for (identity in listOf(stranger.issue("example.org"), TestAuthority.selfSigned("example.org"))) {
                val outcome = shake(client(), server(identity))
                outcome.client() shouldContain "the peer's certificate is not trusted"
                outcome.server() shouldContain "the peer does not accept the certificate of this side (alert certificate_unknown)"
            }
        }

        test("$version a certificate for another host names the host that was asked for") {
            shake(client(host = "other.example"), server()).client() shouldContain "other.example"
            shake(client(host = "127.0.0.2"), server(authority.issue("127.0.0.1"))).client() shouldContain "127.0.0.2"
        }

        test("$version a certificate that the server needs and does not get is what both sides speak of") {
            val none = shake(client(), server { needClientAuth = true })
            none.server() shouldBe "the client has not shown the certificate that this server needs"
            none.client() shouldContain "the peer wants a certificate of this side"
        }

        test("$version a certificate of the client that has expired is what both sides speak of") {
            val old = authority.issue("me", valid = TestAuthority.days(-9, -1)).context(authority)
            val outcome = shake(client(old), server { needClientAuth = true })
            outcome.server() shouldContain "the peer's certificate has expired"
            outcome.client() shouldContain "does not accept the one it has got (alert certificate_unknown)"
        }

        test("$version a server without a certificate and key says so and what to do") {
            val outcome = shake(client(), server(null))
            outcome.server() shouldMatch Regex(".*certificate and key.*set identity or keyStore.*")
            outcome.client() shouldContain
                "or the peer wants a certificate of this side, or has none itself (alert handshake_failure)"
        }

        test("$version no application protocol in common") {
            val outcome =
                shake(
                    client { sslParameters = sslParameters.apply { applicationProtocols = arrayOf("h2") } },
                    server { sslParameters = sslParameters.apply { applicationProtocols = arrayOf("http/1.1") } },
                )
            outcome.client() shouldBe "the two sides have no application protocol in common (alert no_application_protocol)"
            outcome.server() shouldBe "the two sides have no application protocol in common"
        }

        test("$version no cipher suite in common") {
            val (one, another) =
                if (version == "TLSv1.3") {
                    "TLS_AES_128_GCM_SHA256" to "TLS_AES_256_GCM_SHA384"
                } else {
                    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" to "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
                }
            val outcome =
                shake(client { enabledCipherSuites = arrayOf(one) }, server { enabledCipherSuites = arrayOf(another) })
            outcome.client() shouldContain "the two sides have no cipher suite in common"
            outcome.server() shouldContain "the two sides have no cipher suite in common"
        }

        test("$version what Conscrypt has heard and found is said in the same words") {
            val missing = shake(client(), server(provider = conscrypt) { needClientAuth = true })
            missing.server() shouldBe "the client has not shown the certificate that this server needs"
            val untrusted = shake(client(stranger.context()), server(provider = conscrypt))
            untrusted.server() shouldBe "the peer does not accept the certificate of this side (alert certificate_unknown)"
            val keyless = shake(client(), server(null, conscrypt))
            keyless.server() shouldMatch Regex("(?s).*certificate and key.*set identity or keyStore.*")
        }
    }

    for ((ours, theirs) in listOf("TLSv1.3" to "TLSv1.2", "TLSv1.2" to "TLSv1.3")) {
        test("no version in common, a client of $ours and a server of $theirs") {
            val outcome =
                shakeHands(client { enabledProtocols = arrayOf(ours) }, server { enabledProtocols = arrayOf(theirs) })
            outcome.client() shouldBe "the two sides have no version of TLS in common (alert protocol_version)"
            // The versions are what helps.
            outcome.server() shouldMatch Regex("the two sides have no version of TLS in common \\(.*$ours.*$theirs.*\\)")
            shakeHands(
                client { enabledProtocols = arrayOf(ours) },
                server(provider = conscrypt) {
                    enabledProtocols =
                        arrayOf(theirs)
                },
            ).server() shouldContain "the two sides have no version of TLS in common"
        }
    }

    for ((name, provider) in listOf("the JDK" to null, "Conscrypt" to conscrypt)) {
        test("who does not speak TLS is said not to, by engines of $name") {
            for (text in listOf(
                "SSH-2.0-OpenSSH_9.6\r\n",
                "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n",
                "HTTP/1.1 400 Bad Request\r\n",
            )) {
                val sides = listOf(client(authority.context(provider)) to true, server(provider = provider) to false)
                for ((engine, isClient) in sides) {
                    val said = failureOn(text.toByteArray(), engine).inWords(isClient)
                    said::class shouldBe SSLException::class
                    said.message shouldBe BEGINNING + "the peer does not speak TLS; what it sent is something else"
                }
            }
        }
    }

    test("what is none of these keeps its text") {
        val failure = SSLHandshakeException("something new")
        handshakeFailure(failure, "example.org (127.0.0.1:443)", true).message shouldBe
            "the TLS handshake with example.org (127.0.0.1:443) failed: something new"
    }
})
