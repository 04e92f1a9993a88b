package dev.sluice

import dev.sluice.transport.ByteSink
import dev.sluice.transport.LoopTransport
import java.nio.ByteBuffer

/**
 * What the flusher hands to the sink in one step: [fill]ed from the queue under the writer's lock, written outside of it. A
 * [LoopTransport] takes several pieces at once.
 */
internal class Batch(
    private val sink: ByteSink,
) {
    private var single: ByteBuffer? = null
    private var several: Array<ByteBuffer>? = null

    /** Takes what is in memory at the head of [queue], where there must be some. */
    fun fill(queue: WriteQueue) {
        val count = if (sink is LoopTransport) queue.piecesInMemory(MOST_AT_ONCE) else 1
        several = if (count > 1) Array(count, queue::piece) else null
        single = if (count > 1) null else queue.piece(0)
    }

    /** How many bytes the sink took, which is what it moved and not what it says. */
    fun write(): Long {
        val pieces = several ?: return sink.offer(single!!).toLong()
        val before = remaining(pieces)
        (sink as LoopTransport).tryWrite(pieces, pieces.size)
        return before - remaining(pieces)
    }

    /** Lets go of everything. */
    fun clear() {
        single = null
        several = null
    }

    private fun remaining(pieces: Array<ByteBuffer>): Long = pieces.sumOf { it.remaining().toLong() }

    private companion object {
        /** Systems take at least so many pieces in one call. */
        const val MOST_AT_ONCE = 64
    }
}
