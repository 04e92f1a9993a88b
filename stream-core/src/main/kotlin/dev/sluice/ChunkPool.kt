package dev.sluice

import java.lang.ref.WeakReference
import java.nio.ByteBuffer

/**
 * Chunks for what is written in a turn of an event loop, from the first byte until they have left: a writer that has nothing to
 * write has none. They are direct, so that a socket takes the bytes as they lie.
 *
 * There are so many and no more, however many writers write in the same turn: one that gets none writes at once.
 */
internal object ChunkPool {
    const val CHUNK_SIZE: Int = 16 * 1024
    const val CHUNKS: Int = 64

    /** Those that nobody has. */
    private val free = Slots<Chunk>(size = CHUNKS, tries = CHUNKS)

    /** All that there are. One that a forsaken writer had makes room for another. */
    private val made = ArrayList<WeakReference<Chunk>>()

    /** How many can be borrowed now. */
    val available: Int get() = CHUNKS - existing() + free.count()

    fun borrow(): Chunk? = free.take() ?: make()

    fun giveBack(chunk: Chunk) {
        chunk.clear()
        if (!free.put(chunk)) forget(chunk)
    }

    /** Leaves a borrowed chunk to the garbage collector. */
    fun forget(chunk: Chunk) {
        synchronized(made) { made.removeAll { it.get() === chunk } }
    }

    private fun make(): Chunk? =
        synchronized(made) {
            if (existing() == CHUNKS) return null
            Chunk(ByteBuffer.allocateDirect(CHUNK_SIZE)).also { made.add(WeakReference(it)) }
        }

    private fun existing(): Int =
        synchronized(made) {
            made.removeAll { it.get() == null }
            made.size
        }
}
