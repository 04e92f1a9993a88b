package dev.sluice.net.tls

import dev.sluice.InfoKey
import dev.sluice.net.always
import dev.sluice.net.during
import dev.sluice.net.echo
import dev.sluice.net.hasIpv6
import dev.sluice.net.leavingNothing
import dev.sluice.net.openConnection
import dev.sluice.net.port
import dev.sluice.net.startServer
import dev.sluice.testing.tls.TestAuthority
import dev.sluice.testing.tls.TestIdentity
import dev.sluice.tls.TlsOptions
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.CompletableDeferred
import java.security.cert.CertPathBuilderException
import java.security.cert.CertPathValidatorException
import java.security.cert.CertificateException
import javax.net.ssl.ExtendedSSLSession
import javax.net.ssl.SNIHostName
import javax.net.ssl.SSLContext
import javax.net.ssl.SSLHandshakeException
import kotlin.reflect.KClass

/** Whether it is really the server that was asked for. */
internal class ServerIdentityTest :
    FunSpec({
        val trusted = authority.write(tempdir().toPath().resolve("ca.crt"))

        /** Talks with a server that shows [identity], as one called [host]. */
        suspend fun greet(
            identity: TestIdentity,
            tls: TlsOptions = clientTls(),
            host: String = "localhost",
        ) = leavingNothing {
            startServer("127.0.0.1", 0, secureServer(serverTls(identity)) { onError = { _, _ -> } }, ::echo).during { server ->
                val connection = secureClientOf(server, tls, host)
                connection.writer.write("hello\n")
                connection.reader.readLine() shouldBe "hello"
                connection.closeWhole()
            }
        }

        suspend fun refused(
            identity: TestIdentity,
            tls: TlsOptions = clientTls(),
            host: String = "localhost",
        ): SSLHandshakeException = shouldThrow { greet(identity, tls, host) }

        test("T-002 without more options the JVM's default context says whom to trust, and the name is checked") {
            val before = SSLContext.getDefault()
            SSLContext.setDefault(authority.context())
            try {
                greet(localhost, TlsOptions {})
                refused(authority.issue("other.example"), TlsOptions {}).message shouldContain "localhost"
            } finally {
                SSLContext.setDefault(before)
            }
            refused(localhost, TlsOptions {}).message shouldContain "not trusted"
        }

        for ((what, identity, reason) in listOf(
            Triple("of an unknown issuer", stranger.issue("localhost"), "not trusted"),
            Triple("that is self-signed", TestAuthority.selfSigned("localhost"), "not trusted"),
            Triple("that has expired", expired("localhost"), "has expired"),
            Triple("that is not valid yet", authority.issue("localhost", valid = TestAuthority.days(1, 9)), "not valid yet"),
        )) {
            test("T-003 a certificate $what ends in an exception that says so, with the host and the check that failed") {
                val failure = refused(identity)
                failure.message shouldContain "localhost"
                failure.message shouldContain reason
                failure.hasCause(CertPathBuilderException::class, CertPathValidatorException::class, CertificateException::class)
            }
        }

        test("T-004 a certificate for another name is refused, and the exception has both names") {
            val failure = refused(authority.issue("other.example"), TlsOptions { trust(trusted) })
            failure.message shouldBe
                "the TLS handshake with ${failure.peer} failed: the certificate is for other.example, and not for localhost"
            failure.peer.matches(Regex("localhost \\(.*127\\.0\\.0\\.1:\\d+\\)")) shouldBe true
        }

        test("T-004 the common name does not count beside alternative names") {
            refused(
                authority.issue("other.example", commonName = "localhost"),
                TlsOptions { trust(trusted) },
            ).message shouldContain
                "the certificate is for other.example, and not for localhost"
        }

        test("T-005 a host that is an address is looked for among the addresses of the certificate") {
            greet(authority.issue("127.0.0.1"), host = "127.0.0.1")
            refused(authority.issue("localhost"), host = "127.0.0.1").message shouldContain "127.0.0.1"
            refused(authority.issue("127.0.0.2"), TlsOptions { trust(trusted) }, "127.0.0.1").message shouldContain
                "the certificate is for 127.0.0.2, and not for 127.0.0.1"
        }

        test("T-005 so is one of IPv6").config(enabled = hasIpv6) {
            val identity = authority.issue("::1")
            startServer("::1", 0, secureServer(serverTls(identity)), ::echo).during { server ->
                secureClientOf(server, host = "::1").closeWhole()
            }
        }

        test("T-006 verifyHostname = false accepts a certificate for any name, and still none of an unknown issuer") {
            val careless = clientTls { verifyHostname = false }
            greet(authority.issue("other.example"), careless)
            refused(stranger.issue("localhost"), careless).message shouldContain "not trusted"
            shouldThrow<IllegalArgumentException> { TlsOptions { serverHostname = "" } }.message shouldContain "serverHostname"
        }

        test("T-007 serverHostname takes the place of the host, in what is asked for and in what is checked") {
            val asked = CompletableDeferred<List<String>>()
            val identity = authority.issue("service.example")
            startServer("127.0.0.1", 0, secureServer(serverTls(identity))) { connection ->
                val session = connection.info[InfoKey.TlsSession] as ExtendedSSLSession
                asked.complete(session.requestedServerNames.map { (it as SNIHostName).asciiName })
                echo(connection)
            }.during { server ->
                secureClientOf(server, clientTls { serverHostname = "service.example" }).closeWhole()
                asked.await() shouldBe listOf("service.example")
            }
            refused(localhost, clientTls { serverHostname = "service.example" }).message shouldContain "service.example"
        }

        test("C-127 a TLS failure is final: no other address is tried") {
            startServer(listOf("127.0.0.1", "127.0.0.2"), 0, secureServer(serverTls(stranger.issue("localhost")))) {}
                .during { server ->
                    val tried = ArrayList<String>()
                    val options = secureClient { resolver = always("127.0.0.1", "127.0.0.2") }
                    val failure = shouldThrow<SSLHandshakeException> { openConnection("localhost", server.port, options) }
                    tried += Regex("127\\.0\\.0\\.\\d").findAll(failure.message!!).map { it.value }
                    tried shouldBe listOf("127.0.0.1")
                }
        }
    })

/** As the message names it. */
private val SSLHandshakeException.peer: String get() = message!!.substringAfter("handshake with ").substringBefore(" failed")

private fun Throwable.hasCause(vararg classes: KClass<out Throwable>) {
    val causes = generateSequence(cause) { it.cause }.toList()
    if (causes.none { cause ->
            classes.any { it.isInstance(cause) }
        }
    ) {
        throw AssertionError("no check of a certificate in $causes")
    }
}
