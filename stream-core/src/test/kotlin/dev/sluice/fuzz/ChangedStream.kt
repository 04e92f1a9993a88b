package dev.sluice.fuzz

import java.io.ByteArrayOutputStream

/** Changes a few bytes of what goes through it, where [choices] say. */
internal class ChangedStream(
    choices: Choices,
) {
    private val changes = List(choices.upTo(3)) { Change(choices) }.sortedBy { it.at }.toMutableList()
    private var position = 0
    private var hasEnded = false

    /** Null at the end. */
    fun through(bytes: ByteArray): ByteArray? {
        if (bytes.isEmpty() || hasEnded) return null
        val changed = ByteArrayOutputStream()
        var from = 0
        while (changes.isNotEmpty() && changes.first().at < position + bytes.size && !hasEnded) {
            val change = changes.removeFirst()
            val at = maxOf(from, change.at - position)
            changed.write(bytes, from, at - from)
            from = at + change.write(bytes, at, changed)
        }
        position += bytes.size
        if (!hasEnded && from < bytes.size) changed.write(bytes, from, bytes.size - from)
        return changed.toByteArray()
    }

    private inner class Change(
        choices: Choices,
    ) {
        /** Most of what matters comes early. */
        val at = choices.byte() * (if (choices.yes()) 160 else 8) + choices.byte() % 8
        private val kind = choices.upTo(4)
        private val value = choices.byte()

        /** Of how many bytes it takes the place. */
        fun write(
            bytes: ByteArray,
            at: Int,
            changed: ByteArrayOutputStream,
        ): Int {
            when (kind) {
                0 -> return 1.also { changed.write(bytes[at].toInt() xor maxOf(1, value)) }
                1 -> return minOf(1 + value, bytes.size - at)
                2 -> changed.write(bytes, maxOf(0, at - value), minOf(at, value))
                3 -> changed.write(record())
                else -> hasEnded = true
            }
            return 0
        }

        private fun record(): ByteArray {
            val content = ByteArray(value / 8) { (value + it).toByte() }
            return byteArrayOf((20 + value % 6).toByte(), 3, 3, 0, content.size.toByte()) + content
        }
    }
}
