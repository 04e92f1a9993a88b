package dev.sluice.tls

import java.io.IOException
import java.nio.file.Path
import java.security.GeneralSecurityException
import java.security.KeyFactory
import java.security.NoSuchAlgorithmException
import java.security.PrivateKey
import java.security.spec.InvalidKeySpecException
import java.security.spec.PKCS8EncodedKeySpec
import javax.crypto.Cipher
import javax.crypto.EncryptedPrivateKeyInfo
import javax.crypto.SecretKeyFactory
import javax.crypto.spec.PBEKeySpec

/**
 * The first private key in a PEM file: PKCS#8, or OpenSSL's older PKCS#1 (RSA) and SEC1 (EC), which are put into PKCS#8; each encrypted or not.
 *
 * @throws IllegalArgumentException there is none, or it can't be read with this password
 */
internal fun privateKeyIn(
    path: Path,
    password: String?,
): PrivateKey {
    val block = PemFile(path).blocks.firstOrNull { it.label.endsWith("PRIVATE KEY") }
    requireNotNull(
        block,
    ) { "there is no private key in $path; a PEM file has one between -----BEGIN PRIVATE KEY----- and its end" }
    val isEncrypted = block.label.startsWith("ENCRYPTED") || "ENCRYPTED" in block.headers["Proc-Type"].orEmpty()
    require(!isEncrypted || password != null) { "the private key in $path is encrypted; give its password" }
    try {
        return when (block.label) {
            "PRIVATE KEY" -> keyOf(block.bytes)

            "ENCRYPTED PRIVATE KEY" -> keyOf(decrypted(block.bytes, password.orEmpty()))

            "RSA PRIVATE KEY" -> keyOf(pkcs8(RSA, plain(block, password)))

            "EC PRIVATE KEY" -> plain(block, password).let { keyOf(pkcs8(ecAlgorithm(it), it)) }

            else -> throw IllegalArgumentException(
                "the ${block.label} in $path is of a kind that is not known here; convert it to PKCS#8",
            )
        }
    } catch (e: GeneralSecurityException) {
        throw unreadable(path, isEncrypted, e)
    } catch (e: IOException) {
        throw unreadable(path, isEncrypted, e)
    }
}

private fun unreadable(
    path: Path,
    isEncrypted: Boolean,
    cause: Exception,
): IllegalArgumentException {
    val guess =
        if (isEncrypted) {
            "the password is wrong, or it is damaged"
        } else {
            "it is damaged, or of a kind that this JVM does not know"
        }
    return IllegalArgumentException("the private key in $path can't be read: $guess", cause)
}

private fun plain(
    block: PemFile.Block,
    password: String?,
): ByteArray = block.headers["DEK-Info"]?.let { decryptLegacy(block.bytes, it, password.orEmpty()) } ?: block.bytes

/** The kind of key is in its PKCS#8 form, but only under a number: each kind is tried. */
private fun keyOf(pkcs8: ByteArray): PrivateKey {
    val spec = PKCS8EncodedKeySpec(pkcs8)
    var last: GeneralSecurityException? = null
    for (algorithm in listOf("RSA", "EC", "EdDSA", "RSASSA-PSS", "DSA")) {
        try {
            return KeyFactory.getInstance(algorithm).generatePrivate(spec)
        } catch (e: InvalidKeySpecException) {
            last = e
        } catch (e: NoSuchAlgorithmException) {
            last = e
        }
    }
    throw last!!
}

private fun decrypted(
    bytes: ByteArray,
    password: String,
): ByteArray {
    decryptPbes2(bytes, password)?.let { return it }
    val info = EncryptedPrivateKeyInfo(bytes)
    val key = SecretKeyFactory.getInstance(info.algName).generateSecret(PBEKeySpec(password.toCharArray()))
    val cipher = Cipher.getInstance(info.algName)
    cipher.init(Cipher.DECRYPT_MODE, key, info.algParameters)
    return info.getKeySpec(cipher).encoded
}
