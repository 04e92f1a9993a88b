package dev.sluice

import dev.sluice.transport.ByteSink
import dev.sluice.transport.LoopTransport
import java.nio.ByteBuffer

// What the flusher hands to the sink in one step: one piece of memory, or several where the sink takes that.

/** Systems take at least so many pieces in one call. */
private const val MOST_AT_ONCE = 64

/** Under the writer's lock: what is in memory at the head, where there must be some; a buffer, or an array of them. */
internal fun WriteQueue.batchFor(sink: ByteSink): Any {
    val count = if (sink is LoopTransport) piecesInMemory(MOST_AT_ONCE) else 1
    return if (count > 1) pieces(count) else firstPiece()
}

/** Outside of it: hands over a [batch]; how many bytes the sink took, which is what it moved and not what it says. */
internal fun ByteSink.offerBatch(batch: Any): Long {
    if (batch is ByteBuffer) return offer(batch).toLong()
    @Suppress("UNCHECKED_CAST")
    val pieces = batch as Array<ByteBuffer>
    val before = remaining(pieces)
    (this as LoopTransport).tryWrite(pieces, pieces.size)
    return before - remaining(pieces)
}

private fun remaining(pieces: Array<ByteBuffer>): Long = pieces.sumOf { it.remaining().toLong() }
