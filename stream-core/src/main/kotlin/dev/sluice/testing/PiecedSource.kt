package dev.sluice.testing

import dev.sluice.StreamClosedException
import dev.sluice.transport.ByteSource
import java.nio.ByteBuffer

/** Gives out [input] in pieces of at most [size] bytes, the first of at most [first], and has to be waited for before each of them. */
internal class PiecedSource(
    private val input: ByteArray,
    first: Int,
    private val size: Int,
) : ByteSource {
    private var position = 0
    private var piece = first
    private var isDue = false
    private var isClosed = false

    override fun tryRead(into: ByteBuffer): Int {
        checkOpen()
        if (!isDue || !into.hasRemaining()) return 0
        if (position == input.size) return -1
        val count = minOf(piece, into.remaining(), input.size - position)
        into.put(input, position, count)
        position += count
        piece -= count
        if (piece == 0) {
            piece = size
            isDue = false
        }
        return count
    }

    override suspend fun awaitReadable() {
        checkOpen()
        isDue = true
    }

    override fun close() {
        isClosed = true
    }

    private fun checkOpen() {
        if (isClosed) throw StreamClosedException("the source was closed by its reader")
    }
}
