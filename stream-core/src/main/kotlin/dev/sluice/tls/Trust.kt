package dev.sluice.tls

import java.nio.file.Path
import java.security.KeyStore
import javax.net.ssl.SSLContext
import javax.net.ssl.TrustManager
import javax.net.ssl.TrustManagerFactory
import javax.net.ssl.X509ExtendedTrustManager

/** Trusts the certificates in a file, PEM or a key store, and what they have issued. */
internal fun trustManagersFrom(
    certificates: Path,
    password: String?,
): Array<TrustManager> {
    val pem = PemFile(certificates)
    val store =
        if (pem.blocks.isEmpty()) {
            loadStore(certificates, password?.toCharArray())
        } else {
            emptyStore().apply { pem.certificates().forEachIndexed { i, one -> setCertificateEntry("$i", one) } }
        }
    require(store.aliases().asSequence().any(store::isCertificateEntry)) {
        "there is no certificate to trust in the key store $certificates, or none that is readable without its password"
    }
    return trustManagers(store)
}

/**
 * What the JVM's own default context is, where it is that and has no keys: no more than what the JVM trusts. But it says for whom a certificate
 * is that is not for the host. Null where the program has set up another.
 */
internal fun namingDefaultContext(): SSLContext? {
    val isJvms = SSLContext.getDefault().protocol == "Default" && System.getProperty("javax.net.ssl.keyStore").isNullOrEmpty()
    return if (isJvms) NamingDefault.context else null
}

/** Made when it is needed for the first time: reading all that the JVM trusts takes a while. */
private object NamingDefault {
    val context: SSLContext = SSLContext.getInstance("TLS").apply { init(null, defaultTrustManagers(), null) }
}

/** Trusts what the JVM trusts. */
internal fun defaultTrustManagers(): Array<TrustManager> = trustManagers(null)

private fun trustManagers(store: KeyStore?): Array<TrustManager> {
    val found = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm()).apply { init(store) }.trustManagers
    return Array(found.size) { i -> found[i].let { if (it is X509ExtendedTrustManager) NamingTrustManager(it) else it } }
}
