package dev.sluice

import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.util.concurrent.atomic.AtomicReferenceArray

/** How many bytes one read from a source may bring. */
internal const val READ_SIZE: Int = 64 * 1024

/**
 * Keeps a few read buffers between uses: a reader borrows one when bytes come and gives it back when they are gone, so
 * that idle readers share instead of owning.
 *
 * Slots are tried from one that depends on the thread, so that threads seldom meet in one. A buffer that finds no free
 * slot is left to the garbage collector; an empty pool makes a new one.
 */
internal object ReadBufferPool {
    private const val SLOTS = 32
    private const val TRIES = 4
    private val slots = AtomicReferenceArray<ByteBuffer?>(SLOTS)

    fun borrow(): ByteBuffer {
        val first = firstSlot()
        for (i in first until first + TRIES) {
            val slot = i and (SLOTS - 1)
            if (slots.get(slot) != null) {
                slots.getAndSet(slot, null)?.let { return it }
            }
        }
        return newReadBuffer(READ_SIZE)
    }

    fun giveBack(buffer: ByteBuffer) {
        val first = firstSlot()
        for (i in first until first + TRIES) {
            val slot = i and (SLOTS - 1)
            if (slots.get(slot) == null && slots.compareAndSet(slot, null, buffer)) {
                return
            }
        }
    }

    private fun firstSlot(): Int = (Thread.currentThread().id.toInt() * TRIES) and (SLOTS - 1)
}

/** On the heap, and little-endian, as [indexOfByte] wants it. */
internal fun newReadBuffer(capacity: Int): ByteBuffer = ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN)
