package dev.sluice.fuzz

/** The decisions that the [bytes] of an input make, one after the other; used up, each is the first of its choices. */
internal class Choices(
    private val bytes: ByteArray,
) {
    private var position = 0

    val isUsedUp: Boolean get() = position == bytes.size

    fun byte(): Int = if (isUsedUp) 0 else bytes[position++].toInt() and 0xFF

    fun yes(): Boolean = byte() and 1 == 1

    fun upTo(most: Int): Int = byte() % (most + 1)

    fun <T> oneOf(choices: List<T>): T = choices[byte() % choices.size]

    /** As many as there are, at most [count]. */
    fun bytes(count: Int): ByteArray {
        val end = minOf(position + count, bytes.size)
        return bytes.copyOfRange(position, end).also { position = end }
    }

    fun rest(): ByteArray = bytes(bytes.size)
}
