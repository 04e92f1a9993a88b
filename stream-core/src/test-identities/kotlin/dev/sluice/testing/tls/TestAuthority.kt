package dev.sluice.testing.tls

import org.bouncycastle.asn1.x500.X500Name
import org.bouncycastle.asn1.x509.BasicConstraints
import org.bouncycastle.asn1.x509.Extension
import org.bouncycastle.asn1.x509.GeneralName
import org.bouncycastle.asn1.x509.GeneralNames
import org.bouncycastle.asn1.x509.KeyUsage
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder
import java.math.BigInteger
import java.nio.file.Files
import java.nio.file.Path
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.KeyStore
import java.security.Provider
import java.security.PublicKey
import java.security.cert.X509Certificate
import java.security.spec.ECGenParameterSpec
import java.time.Duration
import java.time.Instant
import java.util.Date
import java.util.concurrent.atomic.AtomicLong
import javax.net.ssl.SSLContext
import javax.net.ssl.TrustManagerFactory

/** Issues certificates that are trusted by whoever trusts it, and by nobody else. */
class TestAuthority(
    name: String = "Test CA",
) {
    private val issuer = X500Name("CN=$name")
    private val keys = newKeys("EC")

    val certificate: X509Certificate = certify(issuer, keys.public, emptyList(), VALID, isAuthority = true)

    /** A key and a certificate for [names], DNS names or IP addresses; the common name is the first of them unless another is given. */
    fun issue(
        vararg names: String,
        commonName: String = names.firstOrNull() ?: "nobody",
        algorithm: String = "EC",
        valid: ClosedRange<Instant> = VALID,
    ): TestIdentity {
        val own = newKeys(algorithm)
        val certificate = certify(X500Name("CN=$commonName"), own.public, names.asList(), valid)
        return TestIdentity(own.private, listOf(certificate, this.certificate))
    }

    /** Trusts what this has issued. */
    fun context(provider: Provider? = null): SSLContext = contextOf(null, this, provider)

    fun write(file: Path): Path = file.also { Files.write(it, pem("CERTIFICATE", certificate.encoded).toByteArray()) }

    internal fun trustManagers() =
        TrustManagerFactory
            .getInstance(TrustManagerFactory.getDefaultAlgorithm())
            .apply { init(emptyStore().apply { setCertificateEntry("authority", certificate) }) }
            .trustManagers!!

    private fun certify(
        subject: X500Name,
        key: PublicKey,
        names: List<String>,
        valid: ClosedRange<Instant>,
        isAuthority: Boolean = false,
    ): X509Certificate {
        val serial = BigInteger.valueOf(serials.incrementAndGet())
        val builder =
            JcaX509v3CertificateBuilder(issuer, serial, Date.from(valid.start), Date.from(valid.endInclusive), subject, key)
        builder.addExtension(Extension.basicConstraints, true, BasicConstraints(isAuthority))
        // Not all peers do without the identifiers, as CPython since 3.13.
        val identifiers = JcaX509ExtensionUtils()
        builder.addExtension(Extension.subjectKeyIdentifier, false, identifiers.createSubjectKeyIdentifier(key))
        builder.addExtension(Extension.authorityKeyIdentifier, false, identifiers.createAuthorityKeyIdentifier(keys.public))
        if (isAuthority) builder.addExtension(Extension.keyUsage, true, KeyUsage(KeyUsage.keyCertSign or KeyUsage.cRLSign))
        if (names.isNotEmpty()) {
            val general = names.map { GeneralName(if (it.isAddress) GeneralName.iPAddress else GeneralName.dNSName, it) }
            builder.addExtension(Extension.subjectAlternativeName, false, GeneralNames(general.toTypedArray()))
        }
        val signed = builder.build(JcaContentSignerBuilder("SHA256withECDSA").build(keys.private))
        return JcaX509CertificateConverter().getCertificate(signed)
    }

    companion object {
        private val serials = AtomicLong(System.nanoTime())

        val VALID: ClosedRange<Instant> = days(-1, 30)

        /** From so many days from now to so many. */
        fun days(
            from: Long,
            to: Long,
        ): ClosedRange<Instant> = Instant.now().let { it + Duration.ofDays(from)..it + Duration.ofDays(to) }

        /** A certificate that vouches for itself. */
        fun selfSigned(vararg names: String): TestIdentity {
            val own = TestAuthority(names.first())
            val certificate = own.certify(own.issuer, own.keys.public, names.asList(), VALID)
            return TestIdentity(own.keys.private, listOf(certificate))
        }

        private val String.isAddress get() = ':' in this || all { it.isDigit() || it == '.' }

        private fun newKeys(algorithm: String): KeyPair =
            KeyPairGenerator
                .getInstance(algorithm)
                .apply {
                    if (algorithm ==
                        "EC"
                    ) {
                        initialize(ECGenParameterSpec("secp256r1"))
                    } else if (algorithm == "RSA") {
                        initialize(2048)
                    }
                }.generateKeyPair()
    }
}

internal fun emptyStore(): KeyStore = KeyStore.getInstance("PKCS12").apply { load(null, null) }

internal fun contextOf(
    identity: TestIdentity?,
    trusted: TestAuthority?,
    provider: Provider?,
): SSLContext {
    val context = if (provider == null) SSLContext.getInstance("TLS") else SSLContext.getInstance("TLS", provider)
    return context.apply { init(identity?.keyManagers(), trusted?.trustManagers(), null) }
}
