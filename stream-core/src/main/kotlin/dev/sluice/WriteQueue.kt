package dev.sluice

import dev.sluice.transport.ByteSink
import java.nio.ByteBuffer

/**
 * What was written and is not yet with the sink, in order: pieces of memory, and files that are being sent.
 *
 * It belongs to a writer and is used under its lock, with one exception: the one that flushes uses the views that [piece]
 * gave it, or the file at the [head], outside of it.
 */
internal class WriteQueue {
    private val entries = ArrayDeque<Entry>()

    val isEmpty: Boolean get() = entries.isEmpty()
    val head: Entry? get() = entries.firstOrNull()

    /** Adds a copy of [data], and uses it up. */
    fun append(data: ByteBuffer) {
        (entries.lastOrNull() as? Chunk)?.fillUp(data)
        if (data.hasRemaining()) {
            entries.addLast(Chunk(ByteBuffer.allocate(maxOf(data.remaining(), CHUNK_SIZE))).apply { fillUp(data) })
        }
    }

    /** Adds [data] itself. It has to be written, or copied by [keep], before its owner has it back. */
    fun lend(data: ByteBuffer) {
        entries.addLast(Lent(data))
    }

    /**
     * Room for [length] bytes behind what is here, for the caller to fill: in a chunk that is borrowed for the time until they
     * leave. `null` if that is full, or all are lent.
     */
    fun roomFor(length: Int): ByteBuffer? {
        val chunk = if (isEmpty) ChunkPool.borrow()?.also(entries::addLast) else entries.last() as? Chunk
        return chunk?.room?.takeIf { it.remaining() >= length }
    }

    fun append(file: FileRegion) {
        entries.addLast(file)
    }

    /** How many entries at the head are in memory, up to [atMost]. */
    fun piecesInMemory(atMost: Int): Int {
        var count = 0
        while (count < minOf(atMost, entries.size) && entries[count] is Memory) count++
        return count
    }

    /** The bytes of one of [piecesInMemory]: a view that the one who flushes may use outside of the lock. */
    fun piece(index: Int): ByteBuffer = (entries[index] as Memory).readable()

    /** Drops what was taken from the views that [piece] gave. */
    fun removeWritten() {
        while ((head as? Memory)?.isDone == true) removeHead()
    }

    fun removeHead() {
        entries.removeFirst().dispose(isInUse = false)
    }

    /** Before a wait: what is here for a moment only, lent by others, moves to memory of the queue's own. */
    fun keep() {
        for (i in entries.indices) {
            val entry = entries[i] as? Memory ?: continue
            if (entry.isOurs) continue
            val rest = entry.readable()
            entries[i] = Chunk(ByteBuffer.allocate(rest.remaining())).apply { fillUp(rest) }
            entry.dispose(isInUse = false)
        }
    }

    /** @param isInUse whether somebody may be using what is here, outside of the lock */
    fun clear(isInUse: Boolean) {
        while (!isEmpty) entries.removeFirst().dispose(isInUse)
    }

    internal interface Entry {
        /** @param isInUse whether somebody may still be reading from it, outside of the lock */
        fun dispose(isInUse: Boolean)
    }

    /** Bytes in memory. */
    internal interface Memory : Entry {
        /** What there is of it now. The same object each time: what is taken from it is gone. */
        fun readable(): ByteBuffer

        /** Whether everything was taken from [readable]. */
        val isDone: Boolean

        /** Whether it may stay while the writer waits. */
        val isOurs: Boolean
    }

    /** A caller's own bytes, while it is the flusher. */
    private class Lent(
        private val data: ByteBuffer,
    ) : Memory {
        override fun readable(): ByteBuffer = data

        override val isDone: Boolean get() = !data.hasRemaining()

        override val isOurs: Boolean get() = false

        override fun dispose(isInUse: Boolean) = Unit
    }

    private companion object {
        /** Small writes that have to wait share a chunk of this size, so that they leave in one piece. */
        const val CHUNK_SIZE = 8 * 1024
    }
}

/** Offers [bytes] to a sink; how many it took, which is what it moved and not what it says. */
internal fun ByteSink.offer(bytes: ByteBuffer): Int {
    val from = bytes.position()
    tryWrite(bytes)
    return bytes.position() - from
}
