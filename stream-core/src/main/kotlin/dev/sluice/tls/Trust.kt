package dev.sluice.tls

import java.nio.file.Path
import java.security.KeyStore
import javax.net.ssl.TrustManager
import javax.net.ssl.TrustManagerFactory
import javax.net.ssl.X509ExtendedTrustManager

/** Trusts the certificates in a file, PEM or a key store, and what they have issued. */
internal fun trustManagersFrom(certificates: Path): Array<TrustManager> {
    val pem = PemFile(certificates)
    val store =
        if (pem.blocks.isEmpty()) {
            loadStore(certificates, null)
        } else {
            emptyStore().apply { pem.certificates().forEachIndexed { i, one -> setCertificateEntry("$i", one) } }
        }
    require(store.aliases().asSequence().any(store::isCertificateEntry)) {
        "there is no certificate to trust in the key store $certificates, or none that is readable without a password; give a PEM file"
    }
    return trustManagers(store)
}

/** Trusts what the JVM trusts. */
internal fun defaultTrustManagers(): Array<TrustManager> = trustManagers(null)

private fun trustManagers(store: KeyStore?): Array<TrustManager> {
    val found = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm()).apply { init(store) }.trustManagers
    return Array(found.size) { i -> found[i].let { if (it is X509ExtendedTrustManager) NamingTrustManager(it) else it } }
}
