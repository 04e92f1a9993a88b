package dev.sluice

import java.nio.ByteBuffer

/**
 * Memory of a [WriteQueue] for small writes: filled through [room], written through a view of its own, so that bytes can be
 * added behind those that the flusher is writing meanwhile.
 *
 * @param room empty; a direct one belongs to the [ChunkPool]
 */
internal class Chunk(
    val room: ByteBuffer,
) : WriteQueue.Memory {
    private val view = room.duplicate()

    init {
        view.bounds(0, 0)
    }

    /** As much of [data] as there is room for. */
    fun fillUp(data: ByteBuffer) {
        val end = data.limit()
        data.bounds(data.position(), data.position() + minOf(data.remaining(), room.remaining()))
        room.put(data)
        data.bounds(data.position(), end)
    }

    override fun readable(): ByteBuffer = view.bounds(view.position(), room.position())

    override val isDone: Boolean get() = view.position() == room.position()

    override val isOurs: Boolean get() = !room.isDirect

    override fun dispose(isInUse: Boolean) {
        if (!room.isDirect) return
        // Bytes of another connection must not get under the hands of one that is still writing from here.
        if (isInUse) ChunkPool.forget(this) else ChunkPool.giveBack(this)
    }

    fun clear() {
        room.bounds(0, room.capacity())
        view.bounds(0, 0)
    }
}
