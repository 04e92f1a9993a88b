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
    val pattern = ONES * (wanted.toLong() and 0xFF)
    var i = from
    while (i <= to - Long.SIZE_BYTES) {
        val difference = getLong(i) xor pattern
        val zeros = (difference - ONES) and difference.inv() and HIGH_BITS
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
