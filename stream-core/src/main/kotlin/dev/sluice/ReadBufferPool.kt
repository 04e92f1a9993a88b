package dev.sluice

import java.nio.ByteBuffer
import java.nio.ByteOrder

/** How many bytes one read from a source may bring. */
internal const val READ_SIZE: Int = 64 * 1024

/**
 * Keeps a few read buffers between uses: a reader borrows one when bytes come and gives it back when they are gone, so
 * that idle readers share instead of owning.
 *
 * A buffer that finds no free slot is left to the garbage collector; an empty pool makes a new one.
 */
internal object ReadBufferPool {
    private val free = Slots<ByteBuffer>(size = 32, tries = 4)

    fun borrow(): ByteBuffer = free.take() ?: newReadBuffer(READ_SIZE)

    fun giveBack(buffer: ByteBuffer) {
        free.put(buffer)
    }
}

/** On the heap, and little-endian, as [indexOfByte] wants it. */
internal fun newReadBuffer(capacity: Int): ByteBuffer = ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN)
