package dev.sluice.tls

import dev.sluice.Slots
import java.nio.ByteBuffer

/**
 * Lends the buffers that TLS records pass through: a connection has one while there is something in it, so that idle
 * ones share instead of owning.
 */
internal object PacketBuffers {
    /** Room for four of the largest records: a system call moves about as much at once. */
    private const val SIZE = 4 * (16 * 1024 + 512)

    private val free = Slots<ByteBuffer>(size = 32, tries = 4)

    /** An empty one. An engine may want more room than usual. */
    fun borrow(atLeast: Int): ByteBuffer =
        if (atLeast >
            SIZE
        ) {
            ByteBuffer.allocate(atLeast)
        } else {
            free.take() ?: ByteBuffer.allocate(SIZE)
        }

    fun giveBack(buffer: ByteBuffer) {
        if (buffer.capacity() == SIZE) free.put(buffer)
    }

    /** How many wait to be lent. */
    fun count(): Int = free.count()
}
