package dev.sluice

import dev.sluice.transport.ByteSink
import java.nio.ByteBuffer

/**
 * What was written and is not yet with the sink, in order: pieces of memory, and files that are being sent.
 *
 * It belongs to a writer and is used under its lock, with one exception: [Entry.writeTo] is called outside of it, by the one
 * that flushes, on the head.
 */
internal class WriteQueue {
    private val entries = ArrayDeque<Entry>()

    val isEmpty: Boolean get() = entries.isEmpty()
    val head: Entry? get() = entries.firstOrNull()

    /** Adds a copy of [data], and uses it up. */
    fun append(data: ByteBuffer) {
        (entries.lastOrNull() as? Chunk)?.fillUp(data)
        if (data.hasRemaining()) {
            entries.addLast(Chunk(data, maxOf(data.remaining(), CHUNK_SIZE)))
        }
    }

    /** Puts a copy of [rest], which was begun before anything here, in front. */
    fun prepend(rest: ByteBuffer) {
        entries.addFirst(Chunk(rest, rest.remaining()))
    }

    fun append(file: FileRegion) {
        entries.addLast(file)
    }

    fun removeHead() {
        entries.removeFirst().dispose()
    }

    fun clear() {
        while (!isEmpty) removeHead()
    }

    internal interface Entry {
        /** Tells the entry, under the writer's lock, that [writeTo] comes next. */
        fun prepare()

        /** Hands bytes to [sink]; how many, 0 if it takes none now. */
        fun writeTo(sink: ByteSink): Int

        /** Whether everything was handed over; asked under the writer's lock. */
        val isDone: Boolean

        fun dispose()
    }

    private class Chunk(
        data: ByteBuffer,
        capacity: Int,
    ) : Entry {
        private val bytes = ByteArray(capacity)
        private val view = ByteBuffer.wrap(bytes)
        private var end = 0

        init {
            view.bounds(0, 0)
            fillUp(data)
        }

        /** Bytes added behind the part that is being written meanwhile: the view learns of them in [prepare]. */
        fun fillUp(data: ByteBuffer) {
            val count = minOf(data.remaining(), bytes.size - end)
            data.get(bytes, end, count)
            end += count
        }

        override fun prepare() {
            view.bounds(view.position(), end)
        }

        override fun writeTo(sink: ByteSink): Int = sink.offer(view)

        override val isDone: Boolean get() = view.position() == end

        override fun dispose() = Unit
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
