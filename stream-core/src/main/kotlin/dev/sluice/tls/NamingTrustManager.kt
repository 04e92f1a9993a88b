package dev.sluice.tls

import java.net.Socket
import java.security.cert.CertPathBuilderException
import java.security.cert.CertPathValidatorException
import java.security.cert.CertificateException
import java.security.cert.X509Certificate
import javax.net.ssl.SSLEngine
import javax.net.ssl.X509ExtendedTrustManager

/** Trusts as [inner] does, and where a certificate is for another host says for which. */
internal class NamingTrustManager(
    private val inner: X509ExtendedTrustManager,
) : X509ExtendedTrustManager() {
    override fun checkServerTrusted(
        chain: Array<X509Certificate>,
        authType: String,
        engine: SSLEngine?,
    ) {
        try {
            inner.checkServerTrusted(chain, authType, engine)
        } catch (e: CertificateException) {
            val isForOther = !e.isAboutPath && isTrusted(chain, authType)
            throw if (isForOther) wrongHost(chain.first(), engine?.peerHost, e) else e
        }
    }

    override fun checkServerTrusted(
        chain: Array<X509Certificate>,
        authType: String,
        socket: Socket?,
    ): Unit = inner.checkServerTrusted(chain, authType, socket)

    override fun checkServerTrusted(
        chain: Array<X509Certificate>,
        authType: String,
    ): Unit = inner.checkServerTrusted(chain, authType)

    override fun checkClientTrusted(
        chain: Array<X509Certificate>,
        authType: String,
        engine: SSLEngine?,
    ): Unit = inner.checkClientTrusted(chain, authType, engine)

    override fun checkClientTrusted(
        chain: Array<X509Certificate>,
        authType: String,
        socket: Socket?,
    ): Unit = inner.checkClientTrusted(chain, authType, socket)

    override fun checkClientTrusted(
        chain: Array<X509Certificate>,
        authType: String,
    ): Unit = inner.checkClientTrusted(chain, authType)

    override fun getAcceptedIssuers(): Array<X509Certificate> = inner.acceptedIssuers

    /** The rules for what TLS makes use of, as signatures by weak hashes, are for engines alone: what breaks them passes [isTrusted]. */
    private val CertificateException.isAboutPath
        get() = generateSequence(cause) { it.cause }.any { it is CertPathValidatorException || it is CertPathBuilderException }

    /** Whether it is not the chain that is at fault. */
    private fun isTrusted(
        chain: Array<X509Certificate>,
        authType: String,
    ): Boolean =
        try {
            inner.checkServerTrusted(chain, authType)
            true
        } catch (_: CertificateException) {
            // The first check has said so already.
            false
        }

    private fun wrongHost(
        certificate: X509Certificate,
        host: String?,
        cause: CertificateException,
    ): CertificateException {
        val names =
            certificate.subjectAlternativeNames
                .orEmpty()
                .filter { (kind) -> kind == DNS_NAME || kind == IP_ADDRESS }
                .map { (_, name) -> name as String }
                .ifEmpty { listOf(certificate.subjectX500Principal.name) }
        return CertificateException("the certificate is for ${names.joinToString()}, and not for $host", cause)
    }

    private companion object {
        const val DNS_NAME = 2
        const val IP_ADDRESS = 7
    }
}
