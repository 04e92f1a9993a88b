package dev.sluice

import java.util.concurrent.atomic.AtomicReferenceArray

/**
 * Where a pool keeps what nobody has. Slots are tried from one that depends on the thread, so that threads seldom meet in one.
 *
 * @param size how many there are, a power of two
 * @param tries how many of them are looked at in one call
 */
internal class Slots<T : Any>(
    private val size: Int,
    private val tries: Int,
) {
    private val slots = AtomicReferenceArray<T?>(size)

    /** Null if none of those looked at has any. */
    fun take(): T? {
        val first = firstSlot()
        for (i in first until first + tries) {
            val slot = i and (size - 1)
            if (slots.get(slot) != null) {
                slots.getAndSet(slot, null)?.let { return it }
            }
        }
        return null
    }

    /** False if none of those looked at is free. */
    fun put(thing: T): Boolean {
        val first = firstSlot()
        for (i in first until first + tries) {
            val slot = i and (size - 1)
            if (slots.get(slot) == null && slots.compareAndSet(slot, null, thing)) {
                return true
            }
        }
        return false
    }

    /** How many are taken now. */
    fun count(): Int = (0 until size).count { slots.get(it) != null }

    private fun firstSlot(): Int = (Thread.currentThread().id.toInt() * NEIGHBOURS) and (size - 1)

    private companion object {
        const val NEIGHBOURS = 4
    }
}
