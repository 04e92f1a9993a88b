package dev.sluice.testing

import java.nio.ByteBuffer

/** Up to [capacity] bytes, first in, first out. There is storage only while there are bytes, and no more than they need. */
internal class ByteRing(
    private val capacity: Int,
) {
    private var storage = NOTHING
    private var start = 0

    var size = 0
        private set

    val isEmpty: Boolean get() = size == 0
    val room: Int get() = capacity - size

    /** How many bytes of memory are held. */
    val storageSize: Int get() = storage.size

    /** Takes bytes of [from], as many as there is room for. */
    fun put(from: ByteBuffer): Int {
        val count = minOf(from.remaining(), room)
        if (count == 0) return 0
        if (size + count > storage.size) grow(size + count)
        val at = (start + size) % storage.size
        val first = minOf(count, storage.size - at)
        from.get(storage, at, first)
        from.get(storage, 0, count - first)
        size += count
        return count
    }

    /** Moves at most [atMost] bytes into [into], as many as fit. */
    fun take(
        into: ByteBuffer,
        atMost: Int,
    ): Int {
        val count = minOf(into.remaining(), atMost, size)
        if (count == 0) return 0
        val first = minOf(count, storage.size - start)
        into.put(storage, start, first)
        into.put(storage, 0, count - first)
        start = (start + count) % storage.size
        size -= count
        if (size == 0) clear()
        return count
    }

    fun clear() {
        storage = NOTHING
        start = 0
        size = 0
    }

    private fun grow(needed: Int) {
        val larger = ByteArray(minOf(capacity.toLong(), maxOf(needed.toLong(), storage.size * 2L)).toInt())
        val first = minOf(size, storage.size - start)
        storage.copyInto(larger, 0, start, start + first)
        storage.copyInto(larger, first, 0, size - first)
        storage = larger
        start = 0
    }

    private companion object {
        val NOTHING = ByteArray(0)
    }
}
