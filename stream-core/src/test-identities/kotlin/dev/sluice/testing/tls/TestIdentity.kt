package dev.sluice.testing.tls

import java.nio.file.Files
import java.nio.file.Path
import java.security.PrivateKey
import java.security.Provider
import java.security.cert.X509Certificate
import java.util.Base64
import javax.net.ssl.KeyManagerFactory
import javax.net.ssl.SSLContext

/** What a [TestAuthority] has issued: a private key and the certificates that go with it, its own first. */
class TestIdentity(
    val key: PrivateKey,
    val chain: List<X509Certificate>,
) {
    /** Shows this identity, and trusts what [trusted] has issued. */
    fun context(
        trusted: TestAuthority? = null,
        provider: Provider? = null,
    ): SSLContext = contextOf(this, trusted, provider)

    fun writeChain(file: Path): Path =
        file.also { Files.write(it, chain.joinToString("") { one -> pem("CERTIFICATE", one.encoded) }.toByteArray()) }

    fun writeKey(file: Path): Path = file.also { Files.write(it, pem("PRIVATE KEY", key.encoded).toByteArray()) }

    fun writeStore(
        file: Path,
        password: String,
    ): Path = file.also { Files.newOutputStream(it).use { out -> store(password).store(out, password.toCharArray()) } }

    internal fun keyManagers() =
        KeyManagerFactory
            .getInstance(KeyManagerFactory.getDefaultAlgorithm())
            .apply { init(store("secret"), "secret".toCharArray()) }
            .keyManagers!!

    private fun store(password: String) =
        emptyStore().apply { setKeyEntry("own", key, password.toCharArray(), chain.toTypedArray()) }
}

internal fun pem(
    label: String,
    bytes: ByteArray,
): String {
    val text = Base64.getMimeEncoder(64, "\n".toByteArray()).encodeToString(bytes)
    return "-----BEGIN $label-----\n$text\n-----END $label-----\n"
}
