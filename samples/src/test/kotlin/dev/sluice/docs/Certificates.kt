package dev.sluice.docs

import java.nio.file.Files
import java.nio.file.Path
import java.security.KeyStore
import java.util.Base64

/** Keys and their certificates in files, as examples of TLS need them; made once, by the JDK's own tool. */
object Certificates {
    /** For localhost. */
    @JvmStatic
    val server: Identity by lazy { identity("localhost", "san=dns:localhost") }

    @JvmStatic
    val client: Identity by lazy { identity("client", "san=dns:client") }

    /** @property authority what others have to trust */
    data class Identity(
        val certificate: Path,
        val key: Path,
        val authority: Path,
    )

    private const val PASSWORD = "for this run"

    private fun identity(
        name: String,
        extension: String,
    ): Identity {
        val folder = Files.createTempDirectory("certificates").apply { toFile().deleteOnExit() }
        val store = keyStore(folder.resolve("$name.p12"), name, extension)
        val certificate = folder.pem("$name.crt", "CERTIFICATE", store.getCertificate(name).encoded)
        val key = folder.pem("$name.key", "PRIVATE KEY", store.getKey(name, PASSWORD.toCharArray()).encoded)
        return Identity(certificate, key, authority = certificate)
    }

    private fun keyStore(
        file: Path,
        name: String,
        extension: String,
    ): KeyStore {
        val keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString()
        val what = listOf("-genkeypair", "-alias", name, "-keyalg", "EC", "-dname", "CN=$name", "-ext", extension)
        val where = listOf("-storetype", "PKCS12", "-keystore", "$file", "-storepass", PASSWORD)
        val process = ProcessBuilder(listOf(keytool) + what + where).redirectErrorStream(true).start()
        val said = process.inputStream.bufferedReader().readText()
        check(process.waitFor() == 0) { "keytool made no certificate: $said" }
        file.toFile().deleteOnExit()
        return KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray())
    }

    private fun Path.pem(
        name: String,
        title: String,
        bytes: ByteArray,
    ): Path {
        val text = Base64.getMimeEncoder().encodeToString(bytes)
        val file = Files.writeString(resolve(name), "-----BEGIN $title-----\n$text\n-----END $title-----\n")
        file.toFile().deleteOnExit()
        return file
    }
}
