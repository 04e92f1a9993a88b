package dev.sluice

import java.nio.ByteBuffer

private const val ONES = 0x0101010101010101L
private const val HIGH_BITS = ONES shl 7

/**
 * The first place of [wanted] from [from] until [to], or -1. The buffer must be little-endian and its limit at least [to].
 *
 * Eight bytes are looked at in one step: of the difference to eight copies of the wanted byte, the lowest zero byte is
 * found by its borrow.
 */
internal fun ByteBuffer.indexOfByte(
    wanted: Byte,
    from: Int,
    to: Int,
): Int {
    val copies = eightOf(wanted)
    var i = from
    while (i <= to - Long.SIZE_BYTES) {
        val zeros = zeroBytes(getLong(i) xor copies)
        if (zeros != 0L) {
            return i + (zeros.countTrailingZeroBits() ushr 3)
        }
        i += Long.SIZE_BYTES
    }
    while (i < to) {
        if (get(i) == wanted) {
            return i
        }
        i++
    }
    return -1
}

/**
 * The first place from [from] until [to] where bytes are as [wanted] under [mask], the lowest first; or, of the last few bytes, where the first
 * one is; or -1. In a text of many lines a separator of several bytes begins far more often than it is there.
 */
internal fun ByteBuffer.indexOfBeginning(
    wanted: Long,
    mask: Long,
    from: Int,
    to: Int,
): Int {
    val copies = eightOf(wanted.toByte())
    var i = from
    while (i <= to - 2 * Long.SIZE_BYTES) {
        var zeros = zeroBytes(getLong(i) xor copies)
        while (zeros != 0L) {
            val candidate = i + (zeros.countTrailingZeroBits() ushr 3)
            if ((getLong(candidate) xor wanted) and mask == 0L) {
                return candidate
            }
            zeros = zeros and (zeros - 1)
        }
        i += Long.SIZE_BYTES
    }
    return indexOfByte(wanted.toByte(), i, to)
}

/** The first place of any byte of which [wanted] has [eightOf], from [from] until [to], or -1. */
internal fun ByteBuffer.indexOfAnyByte(
    wanted: LongArray,
    from: Int,
    to: Int,
): Int {
    var i = from
    while (i <= to - Long.SIZE_BYTES) {
        val eight = getLong(i)
        var zeros = 0L
        for (copies in wanted) {
            zeros = zeros or zeroBytes(eight xor copies)
        }
        if (zeros != 0L) {
            return i + (zeros.countTrailingZeroBits() ushr 3)
        }
        i += Long.SIZE_BYTES
    }
    while (i < to) {
        val byte = get(i)
        if (wanted.any { it.toByte() == byte }) {
            return i
        }
        i++
    }
    return -1
}

/** The byte in each of the eight places. */
internal fun eightOf(byte: Byte): Long = ONES * (byte.toLong() and 0xFF)

/** Has the high bit of the lowest zero byte, none below it, and above it perhaps some. */
private fun zeroBytes(eight: Long): Long = (eight - ONES) and eight.inv() and HIGH_BITS
