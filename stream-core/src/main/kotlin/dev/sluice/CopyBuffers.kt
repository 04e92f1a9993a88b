package dev.sluice

import java.nio.ByteBuffer

/**
 * Buffers in which bytes pass from one stream to another without a stop in between: direct ones, so that sockets move them without a copy. They
 * are borrowed for the length of one read and one write.
 */
internal object CopyBuffers {
    private val free = Slots<ByteBuffer>(size = 16, tries = 4)

    fun borrow(): ByteBuffer = free.take() ?: ByteBuffer.allocateDirect(READ_SIZE)

    fun giveBack(buffer: ByteBuffer) {
        buffer.bounds(0, buffer.capacity())
        free.put(buffer)
    }
}
