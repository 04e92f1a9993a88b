package dev.sluice.tls

import java.math.BigInteger
import java.security.NoSuchAlgorithmException
import javax.crypto.Cipher
import javax.crypto.SecretKeyFactory
import javax.crypto.spec.IvParameterSpec
import javax.crypto.spec.PBEKeySpec
import javax.crypto.spec.SecretKeySpec

/**
 * What an `EncryptedPrivateKeyInfo` of PKCS#8 contains, where it is encrypted by PBES2 (RFC 8018), as everything is today. JVMs know some
 * combinations of its parts only, Android hardly any; the parts they all know.
 *
 * @return `null` if it is encrypted in another way
 */
internal fun decryptPbes2(
    encrypted: ByteArray,
    password: String,
): ByteArray? {
    val info = Elements(encrypted).next().parts
    val algorithm = info.next().parts
    if (algorithm.next().hex != PBES2) return null
    val scheme = algorithm.next().parts
    val derivation = scheme.next().parts
    val encryption = scheme.next().parts
    val cipher = cipherOf(encryption.next().hex)
    val vector = encryption.next().content
    val key = SecretKeySpec(derive(derivation, password, cipher.keySize), cipher.algorithm)
    return Cipher.getInstance("${cipher.algorithm}/CBC/PKCS5Padding").run {
        init(Cipher.DECRYPT_MODE, key, IvParameterSpec(vector))
        doFinal(info.next().content)
    }
}

private fun derive(
    derivation: Elements,
    password: String,
    keySize: Int,
): ByteArray {
    val function = derivation.next().hex
    if (function != PBKDF2) throw NoSuchAlgorithmException("a key derived by $function")
    val parameters = derivation.next().parts
    val salt = parameters.next().content
    val iterations = BigInteger(parameters.next().content).toInt()
    var hash = "SHA1"
    while (parameters.hasNext()) {
        val parameter = parameters.next()
        // The other one is the size of the key, which the cipher knows.
        if (parameter.tag != INTEGER) hash = hashOf(parameter.parts.next().hex)
    }
    val spec = PBEKeySpec(password.toCharArray(), salt, iterations, keySize * Byte.SIZE_BITS)
    return SecretKeyFactory.getInstance("PBKDF2WithHmac$hash").generateSecret(spec).encoded
}

// Object identifiers, as their bytes are.

private const val PBES2 = "2a864886f70d01050d"
private const val PBKDF2 = "2a864886f70d01050c"

private class CbcCipher(
    val algorithm: String,
    val keySize: Int,
)

private fun cipherOf(identifier: String): CbcCipher =
    when (identifier) {
        "60864801650304012a" -> CbcCipher("AES", 32)
        "608648016503040116" -> CbcCipher("AES", 24)
        "608648016503040102" -> CbcCipher("AES", 16)
        "2a864886f70d0307" -> CbcCipher("DESede", 24)
        else -> throw NoSuchAlgorithmException("a key encrypted by $identifier")
    }

private fun hashOf(identifier: String): String =
    when (identifier) {
        "2a864886f70d0207" -> "SHA1"
        "2a864886f70d0208" -> "SHA224"
        "2a864886f70d0209" -> "SHA256"
        "2a864886f70d020a" -> "SHA384"
        "2a864886f70d020b" -> "SHA512"
        else -> throw NoSuchAlgorithmException("a key derived with $identifier")
    }
