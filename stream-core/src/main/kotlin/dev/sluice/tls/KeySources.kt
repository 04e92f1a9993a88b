package dev.sluice.tls

import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.security.GeneralSecurityException
import java.security.KeyStore
import java.security.PrivateKey
import java.security.PublicKey
import java.security.Signature
import java.security.UnrecoverableKeyException
import java.security.cert.X509Certificate
import javax.net.ssl.KeyManager
import javax.net.ssl.KeyManagerFactory

/** Proves to be what the certificate in one PEM file says, with the key in another, or the same. */
internal fun keyManagersFromPem(
    certificateChain: Path,
    privateKey: Path,
    password: String?,
): Array<KeyManager> {
    val chain = PemFile(certificateChain).certificates()
    val key = privateKeyIn(privateKey, password)
    require(fits(key, chain.first().publicKey)) {
        "the private key in $privateKey is not the one of the first certificate in $certificateChain (${chain.first().subjectX500Principal})"
    }
    val store = emptyStore().apply { setKeyEntry("own", key, NO_PASSWORD, chain.toTypedArray<X509Certificate>()) }
    return keyManagers(store, NO_PASSWORD)
}

internal fun keyManagersFromStore(
    path: Path,
    password: String,
): Array<KeyManager> {
    val store = loadStore(path, password.toCharArray())
    require(store.aliases().asSequence().any(store::isKeyEntry)) {
        "there is no private key in the key store $path, only certificates"
    }
    try {
        return keyManagers(store, password.toCharArray())
    } catch (e: GeneralSecurityException) {
        throw IllegalArgumentException("a key in the key store $path has another password than the store; give both the same", e)
    }
}

/**
 * @param password `null` opens what can be read without one: the certificates of JKS, but seldom those of PKCS#12
 * @throws IllegalArgumentException it is no key store, or the password is wrong
 */
internal fun loadStore(
    path: Path,
    password: CharArray?,
): KeyStore {
    val bytes = Files.readAllBytes(path)
    var last: IOException? = null
    // Which kind it is shows only in trying.
    for (type in setOf("PKCS12", "JKS", KeyStore.getDefaultType())) {
        try {
            return KeyStore.getInstance(type).apply { bytes.inputStream().use { load(it, password) } }
        } catch (e: IOException) {
            if (e.cause is UnrecoverableKeyException) {
                throw IllegalArgumentException(
                    "the password of the key store $path is wrong",
                    e,
                )
            }
            last = e
        } catch (e: GeneralSecurityException) {
            last = IOException(e)
        }
    }
    val problem =
        if (password == null) {
            "there is no certificate in $path: it is neither a PEM file with one nor a key store"
        } else {
            "$path is neither a PKCS#12 nor a JKS key store"
        }
    throw IllegalArgumentException(problem, last)
}

internal fun emptyStore(): KeyStore = KeyStore.getInstance(KeyStore.getDefaultType()).apply { load(null, null) }

private val NO_PASSWORD = CharArray(0)

private fun keyManagers(
    store: KeyStore,
    password: CharArray,
): Array<KeyManager> =
    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm()).apply { init(store, password) }.keyManagers

/** Whether what the one signs the other one verifies. */
private fun fits(
    key: PrivateKey,
    public: PublicKey,
): Boolean {
    val algorithm =
        when (key.algorithm) {
            "RSA" -> "SHA256withRSA"
            "EC" -> "SHA256withECDSA"
            "DSA" -> "SHA256withDSA"
            else -> key.algorithm.takeIf { it.startsWith("Ed") } ?: return true
        }
    return try {
        val message = ByteArray(32) { it.toByte() }
        val signature = Signature.getInstance(algorithm).run { initSign(key).let { update(message) }.let { sign() } }
        Signature.getInstance(algorithm).run { initVerify(public).let { update(message) }.let { verify(signature) } }
    } catch (_: GeneralSecurityException) {
        // A key of one kind, and a certificate for another.
        false
    }
}
