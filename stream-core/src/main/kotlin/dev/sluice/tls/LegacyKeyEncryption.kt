package dev.sluice.tls

import java.io.IOException
import java.security.MessageDigest
import java.security.NoSuchAlgorithmException
import javax.crypto.Cipher
import javax.crypto.spec.IvParameterSpec
import javax.crypto.spec.SecretKeySpec

/**
 * Decrypts the body of a PEM block as OpenSSL encrypted it before there was PKCS#8: the key is made of MD5 sums of the password and the
 * first bytes of the initialization vector, which is in the header.
 *
 * @param info the block's `DEK-Info`, as `AES-256-CBC,00112233445566778899AABBCCDDEEFF`
 */
internal fun decryptLegacy(
    bytes: ByteArray,
    info: String,
    password: String,
): ByteArray {
    val name = info.substringBefore(',')
    val vector = hexBytes(info.substringAfter(',').trim())
    val (algorithm, keySize) =
        when (name) {
            "AES-128-CBC" -> "AES" to 16
            "AES-192-CBC" -> "AES" to 24
            "AES-256-CBC" -> "AES" to 32
            "DES-EDE3-CBC" -> "DESede" to 24
            "DES-CBC" -> "DES" to 8
            else -> throw NoSuchAlgorithmException("a key encrypted by $name")
        }
    val cipher = Cipher.getInstance("$algorithm/CBC/PKCS5Padding")
    val key = SecretKeySpec(stretch(password.toByteArray(), vector.copyOf(SALT_SIZE), keySize), algorithm)
    cipher.init(Cipher.DECRYPT_MODE, key, IvParameterSpec(vector))
    return cipher.doFinal(bytes)
}

private const val SALT_SIZE = 8

private fun stretch(
    password: ByteArray,
    salt: ByteArray,
    size: Int,
): ByteArray {
    val digest = MessageDigest.getInstance("MD5")
    var key = ByteArray(0)
    var last = ByteArray(0)
    while (key.size < size) {
        last = digest.digest(last + password + salt)
        key += last
    }
    return key.copyOf(size)
}

private fun hexBytes(text: String): ByteArray =
    try {
        text.chunked(2).map { it.toInt(16).toByte() }.toByteArray()
    } catch (e: NumberFormatException) {
        throw IOException("the initialization vector $text is not in hexadecimal digits", e)
    }
