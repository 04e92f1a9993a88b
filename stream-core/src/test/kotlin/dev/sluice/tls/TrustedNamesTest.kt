package dev.sluice.tls

import dev.sluice.testing.memoryTransportPair
import dev.sluice.testing.tls.TestAuthority
import dev.sluice.testing.tls.TestIdentity
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import org.bouncycastle.asn1.x500.X500Name
import org.bouncycastle.asn1.x509.BasicConstraints
import org.bouncycastle.asn1.x509.Extension
import org.bouncycastle.asn1.x509.GeneralName
import org.bouncycastle.asn1.x509.GeneralNames
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder
import java.io.IOException
import java.math.BigInteger
import java.security.KeyPairGenerator
import java.security.spec.ECGenParameterSpec
import java.util.Date
import javax.net.ssl.SSLHandshakeException

/** An authority and a server's identity by it, which is signed by [signature] and names [names]. */
private fun issued(
    signature: String,
    vararg names: GeneralName,
): TestIdentity {
    fun keys() = KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }.generateKeyPair()
    val issuer = X500Name("CN=Issuer")
    val authority = keys()
    val server = keys()
    val (from, to) = TestAuthority.VALID.let { Date.from(it.start) to Date.from(it.endInclusive) }

    fun sign(
        builder: JcaX509v3CertificateBuilder,
        by: String,
    ) = JcaX509CertificateConverter().getCertificate(builder.build(JcaContentSignerBuilder(by).build(authority.private)))

    val root =
        JcaX509v3CertificateBuilder(issuer, BigInteger.ONE, from, to, issuer, authority.public)
            .apply { addExtension(Extension.basicConstraints, true, BasicConstraints(true)) }
    val leaf =
        JcaX509v3CertificateBuilder(issuer, BigInteger.TWO, from, to, X500Name("CN=server"), server.public)
            .apply { addExtension(Extension.subjectAlternativeName, false, GeneralNames(names)) }
    return TestIdentity(server.private, listOf(sign(leaf, signature), sign(root, "SHA256withECDSA")))
}

internal class TrustedNamesTest : FunSpec({
    val folder = tempdir().toPath()

    /** How a client that trusts the issuer of [identity], in a file, fails. */
    suspend fun failure(
        identity: TestIdentity,
        protocol: String = TLS_1_3,
    ): SSLHandshakeException {
        val issuer = TestIdentity(identity.key, listOf(identity.chain.last())).writeChain(folder.resolve("issuer.pem"))
        val client =
            TlsOptions {
                trust(issuer)
                serverHostname = "localhost"
                role = TlsOptions.Role.CLIENT
                protocols = listOf(protocol)
            }
        val (first, second) = memoryTransportPair()
        return coroutineScope {
            val server =
                async(start = CoroutineStart.UNDISPATCHED) {
                    shouldThrow<IOException> { second.withTls(serverTls { context = identity.context() }) }
                }
            shouldThrow<SSLHandshakeException> { first.withTls(client) }.also { server.await() }
        }
    }

    test("T-004 of a certificate's names those of hosts are said") {
        val directory = GeneralName(X500Name("CN=somebody"))
        val mail = GeneralName(GeneralName.rfc822Name, "who@example.org")
        val host = GeneralName(GeneralName.dNSName, "example.org")
        val address = GeneralName(GeneralName.iPAddress, "10.0.0.1")
        failure(issued("SHA256withECDSA", directory, mail, host, address)).message shouldBe
            "the TLS handshake with localhost failed: the certificate is for example.org, 10.0.0.1, and not for localhost"
    }

    test("T-004 a certificate for this host that is weakly signed is not said to be for another") {
        val failure = failure(issued("SHA224withECDSA", GeneralName(GeneralName.dNSName, "localhost")))
        failure.message!! shouldContain "the peer's certificate is signed in a way that is not accepted here"
        for (cause in generateSequence<Throwable>(failure) { it.cause }) {
            cause.message.orEmpty() shouldNotContain
                "not for localhost"
        }
    }
})
