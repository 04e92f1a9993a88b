package dev.sluice.net

import io.kotest.matchers.shouldBe
import java.nio.ByteBuffer
import java.security.MessageDigest
import java.util.Arrays

private const val BLOCK = 65521

/** Bytes in blocks of a prime length; each block begins with its number, so that none can take the place of another. As in peer.py. */
internal fun pattern(
    size: Int,
    seed: Int = 1,
): ByteArray {
    var value = seed
    val block =
        ByteArray(BLOCK) {
            value = (value * 1103515245 + 12345) and 0x7FFFFFFF
            (value shr 16).toByte()
        }
    val whole = ByteBuffer.allocate((size / BLOCK + 1) * (BLOCK + Int.SIZE_BYTES))
    repeat(size / BLOCK + 1) { whole.putInt(it).put(block) }
    return whole.array().copyOf(size)
}

/** Says where two long arrays differ, instead of showing them. */
internal infix fun ByteArray.mustBe(expected: ByteArray) {
    val difference = Arrays.mismatch(this, expected)
    if (difference >=
        0
    ) {
        throw AssertionError("$size bytes where ${expected.size} were expected; they differ from byte $difference on")
    }
}

internal fun ByteArray.sha256(): String = MessageDigest.getInstance("SHA-256").digest(this).joinToString("") { "%02x".format(it) }

internal infix fun ByteArray.mustRead(text: String) {
    decodeToString() shouldBe text
}
