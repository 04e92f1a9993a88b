package dev.sluice

import java.nio.ByteBuffer
import java.util.concurrent.atomic.AtomicInteger
import java.util.concurrent.atomic.AtomicReferenceArray

/**
 * Chunks for what is written in a turn of an event loop, from the first byte until they have left: a writer that has nothing to
 * write has none. They are direct, so that a socket takes the bytes as they lie.
 *
 * There are so many and no more, however many writers write in the same turn: one that gets none writes at once.
 */
internal object ChunkPool {
    const val CHUNK_SIZE: Int = 16 * 1024
    const val CHUNKS: Int = 64

    /** Those that nobody has. Threads start their search in different places, so that they seldom meet. */
    private val free = AtomicReferenceArray<Chunk?>(CHUNKS)
    private val made = AtomicInteger()

    /** How many can be borrowed now. */
    val available: Int get() = CHUNKS - made.get() + (0 until CHUNKS).count { free.get(it) != null }

    fun borrow(): Chunk? {
        val first = firstSlot()
        for (i in first until first + CHUNKS) {
            val slot = i and (CHUNKS - 1)
            if (free.get(slot) != null) {
                free.getAndSet(slot, null)?.let { return it }
            }
        }
        return make()
    }

    fun giveBack(chunk: Chunk) {
        chunk.clear()
        val first = firstSlot()
        for (i in first until first + CHUNKS) {
            val slot = i and (CHUNKS - 1)
            if (free.get(slot) == null && free.compareAndSet(slot, null, chunk)) {
                return
            }
        }
        forget()
    }

    /** A chunk that was borrowed is left to the garbage collector. */
    fun forget() {
        made.decrementAndGet()
    }

    private fun make(): Chunk? {
        if (made.get() >= CHUNKS) return null
        if (made.incrementAndGet() > CHUNKS) {
            made.decrementAndGet()
            return null
        }
        return Chunk(ByteBuffer.allocateDirect(CHUNK_SIZE))
    }

    private fun firstSlot(): Int = (Thread.currentThread().id.toInt() * NEIGHBOURS) and (CHUNKS - 1)

    private const val NEIGHBOURS = 4
}
