package dev.sluice

import dev.sluice.transport.ByteSink
import java.nio.ByteBuffer

/**
 * What was written and is not yet with the sink, in order: pieces of memory, and files that are being sent. The entries themselves
 * are the links, for an idle writer should own next to nothing.
 *
 * It belongs to a writer and is used under its lock, with one exception: the one that flushes uses the views that [firstPiece] and
 * [pieces] gave it, or the file at the [head], outside of it.
 */
internal class WriteQueue {
    var head: Entry? = null
        private set

    private var last: Entry? = null

    val isEmpty: Boolean get() = head == null

    /** Adds a copy of [data], and uses it up. */
    fun append(data: ByteBuffer) {
        (last as? Chunk)?.fillUp(data)
        if (data.hasRemaining()) {
            add(Chunk(ByteBuffer.allocate(maxOf(data.remaining(), CHUNK_SIZE))).apply { fillUp(data) })
        }
    }

    /** Adds [data] itself. It has to be written, or copied by [keep], before its owner has it back. */
    fun lend(data: ByteBuffer): Unit = add(Lent(data))

    /**
     * Room for [length] bytes behind what is here, for the caller to fill: in a chunk that is borrowed for the time until they
     * leave. `null` if that is full, or all are lent.
     */
    fun roomFor(length: Int): ByteBuffer? {
        val chunk = if (isEmpty) ChunkPool.borrow()?.also(::add) else last as? Chunk
        return chunk?.room?.takeIf { it.remaining() >= length }
    }

    fun append(file: FileRegion): Unit = add(file)

    /** How many entries at the head are in memory, up to [atMost]. */
    fun piecesInMemory(atMost: Int): Int {
        var count = 0
        var entry = head
        while (count < atMost && entry is Memory) {
            count++
            entry = entry.next
        }
        return count
    }

    /** The bytes of the first of [piecesInMemory]: a view that the one who flushes may use outside of the lock. */
    fun firstPiece(): ByteBuffer = (head as Memory).readable()

    /** The same of the first [count]. */
    fun pieces(count: Int): Array<ByteBuffer> {
        var entry = head
        return Array(count) { (entry as Memory).also { entry = it.next }.readable() }
    }

    /** Drops what was taken from the views that [firstPiece] and [pieces] gave. */
    fun removeWritten() {
        while ((head as? Memory)?.isDone == true) removeHead()
    }

    fun removeHead(): Unit = unlinkHead().dispose(isInUse = false)

    /** Before a wait: what is here for a moment only, lent by others, moves to memory of the queue's own. */
    fun keep() {
        var rest = head
        head = null
        last = null
        while (rest != null) {
            val entry = rest
            rest = entry.next
            entry.next = null
            add(kept(entry))
        }
    }

    private fun kept(entry: Entry): Entry {
        if (entry !is Memory || entry.isOurs) return entry
        val bytes = entry.readable()
        return Chunk(ByteBuffer.allocate(bytes.remaining())).apply { fillUp(bytes) }.also { entry.dispose(isInUse = false) }
    }

    /** @param isInUse whether somebody may be using what is here, outside of the lock */
    fun clear(isInUse: Boolean) {
        while (!isEmpty) unlinkHead().dispose(isInUse)
    }

    private fun add(entry: Entry) {
        val before = last
        if (before == null) head = entry else before.next = entry
        last = entry
    }

    private fun unlinkHead(): Entry {
        val first = head!!
        head = first.next
        if (head == null) last = null
        first.next = null
        return first
    }

    internal abstract class Entry {
        var next: Entry? = null

        /** @param isInUse whether somebody may still be reading from it, outside of the lock */
        abstract fun dispose(isInUse: Boolean)
    }

    /** Bytes in memory. */
    internal abstract class Memory : Entry() {
        /** What there is of it now. The same object each time: what is taken from it is gone. */
        abstract fun readable(): ByteBuffer

        /** Whether everything was taken from [readable]. */
        abstract val isDone: Boolean

        /** Whether it may stay while the writer waits. */
        abstract val isOurs: Boolean
    }

    /** A caller's own bytes, while it is the flusher. */
    private class Lent(
        private val data: ByteBuffer,
    ) : Memory() {
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
