package dev.sluice.tls

import java.io.IOException

// As much of DER as it takes to put a key of an older form into PKCS#8, and to see how one in PKCS#8 is encrypted.

internal const val INTEGER: Int = 0x02
private const val OCTETS = 0x04
private const val SEQUENCE = 0x30

/** The tag with which SEC1 marks a key's curve. */
private const val PARAMETERS = 0xA0

/** The algorithm of an RSA key: its number, and no parameters. */
internal val RSA: ByteArray =
    element(
        SEQUENCE,
        byteArrayOf(0x06, 0x09, 0x2A, 0x86.toByte(), 0x48, 0x86.toByte(), 0xF7.toByte(), 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00),
    )

private val EC_PUBLIC_KEY = byteArrayOf(0x06, 0x07, 0x2A, 0x86.toByte(), 0x48, 0xCE.toByte(), 0x3D, 0x02, 0x01)

/** The algorithm of a SEC1 [key], whose curve stands in it. */
internal fun ecAlgorithm(key: ByteArray): ByteArray {
    val parts = Elements(Elements(key).next().content)
    while (parts.hasNext()) {
        val part = parts.next()
        if (part.tag == PARAMETERS) return element(SEQUENCE, EC_PUBLIC_KEY + part.content)
    }
    throw IOException("an EC key that does not name its curve")
}

/** PKCS#8 of a key in the form that its [algorithm] has by itself. */
internal fun pkcs8(
    algorithm: ByteArray,
    key: ByteArray,
): ByteArray = element(SEQUENCE, element(INTEGER, byteArrayOf(0)) + algorithm + element(OCTETS, key))

private fun element(
    tag: Int,
    content: ByteArray,
): ByteArray = byteArrayOf(tag.toByte()) + lengthOf(content.size) + content

private fun lengthOf(size: Int): ByteArray =
    when {
        size < 0x80 -> byteArrayOf(size.toByte())
        size < 0x100 -> byteArrayOf(0x81.toByte(), size.toByte())
        else -> byteArrayOf(0x82.toByte(), (size shr 8).toByte(), size.toByte())
    }

internal class Element(
    val tag: Int,
    val content: ByteArray,
) {
    val parts: Elements get() = Elements(content)

    val hex: String get() = content.joinToString("") { "%02x".format(it) }
}

/** The elements in a part of [bytes], one after another. */
internal class Elements(
    private val bytes: ByteArray,
) {
    private var position = 0
    private val end get() = bytes.size

    fun hasNext(): Boolean = position < end

    fun next(): Element {
        val tag = byte()
        val first = byte()
        val size = if (first < 0x80) first else (0 until (first and 0x7F)).fold(0) { size, _ -> (size shl 8) or byte() }
        if (size < 0 || size > end - position) throw IOException("an element that is longer than what it stands in")
        val content = bytes.copyOfRange(position, position + size)
        position += size
        return Element(tag, content)
    }

    private fun byte(): Int {
        if (position >= end) throw IOException("it ends in the middle")
        return bytes[position++].toInt() and 0xFF
    }
}
