package dev.sluice

import dev.sluice.transport.ByteSource
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.charset.Charset

internal val NO_BYTES: ByteArray = ByteArray(0)

/** The largest array that every JVM can make. */
private const val MAX_CAPACITY = Int.MAX_VALUE - 8

/** The smallest storage that waiting bytes move to. */
private const val MIN_CAPACITY = 512

/**
 * The bytes that a reader took from its source and its callers have not had yet.
 *
 * They lie in one array, from [start] until [end], so that a search never meets a seam. An operation adds bytes until
 * there are enough and takes them in one step; until then they stay here, whatever happens to the operation.
 *
 * **Held bytes.** From [hold] on bytes that are taken stay in front of the others, until [letGo], or until [giveBack] makes them
 * the first ones again.
 *
 * There is storage only while there are bytes. It is borrowed from the [ReadBufferPool]; more than [READ_SIZE] bytes get an
 * array of their own, and a few bytes that must be waited with move to a small one. Storage grows and shrinks by factors,
 * so moving costs a constant share of what came in, however small the pieces it came in.
 */
internal class ReadBuffer {
    private var storage: ByteBuffer? = null
    private var start = 0
    private var end = 0

    /** Where the held bytes begin; [NOTHING_HELD] when none are. */
    private var heldFrom = NOTHING_HELD

    /** The capacity at which growing stops, because somebody waits for exactly so many bytes; 0 when nobody does. */
    private var exactCapacity = 0

    /** Only those who look for separators need one. */
    private var search: SeparatorSearch? = null

    val size: Int get() = end - start
    val isEmpty: Boolean get() = end == start
    val isHolding: Boolean get() = heldFrom != NOTHING_HELD

    /** The first byte that is still needed. */
    private val floor: Int get() = if (isHolding) heldFrom else start

    /** Moves what [source] has now behind the bytes that are here; the result is that of [ByteSource.tryRead]. */
    fun readFrom(source: ByteSource): Int {
        val room = storageWithRoom()
        val from = end
        try {
            // The source gets what it expects of a buffer, and is believed only what it moved: the storage is used again by others.
            val count = source.tryReadKeeping(room.order(ByteOrder.BIG_ENDIAN).bounds(from, room.capacity()))
            val moved = room.position() - from
            check(moved == maxOf(count, 0)) { "tryRead of $source said $count and moved $moved bytes" }
            end += moved
            return count
        } finally {
            room.order(ByteOrder.LITTLE_ENDIAN).bounds(0, room.capacity())
            if (end == from) {
                releaseIfEmpty()
            }
        }
    }

    /** Adds what [bytes] has, no more than [READ_SIZE], to an empty buffer. */
    fun append(bytes: ByteBuffer) {
        if (!bytes.hasRemaining()) return
        val room = storageWithRoom()
        val count = bytes.remaining()
        bytes.get(room.array(), end, count)
        end += count
    }

    /**
     * Says that the next [take] will be of [count] bytes, more than there are. Many of them are collected in an array of just
     * that size, which then is the result.
     */
    fun expect(count: Int) {
        exactCapacity = if (count > READ_SIZE / 2 && !isHolding) count else 0
        val bytes = storage
        if (bytes != null && exactCapacity in 1..READ_SIZE && start + count > bytes.capacity()) {
            moveStorage(count)
        }
    }

    fun take(count: Int): ByteArray {
        val bytes = storage
        val taken =
            when {
                bytes == null || count == 0 -> {
                    NO_BYTES
                }

                // The array holds just these bytes: it is the result, and no longer ours.
                start == 0 && count == bytes.capacity() && !isHolding -> {
                    storage = null
                    bytes.array()
                }

                else -> {
                    bytes.array().copyOfRange(start, start + count)
                }
            }
        drop(count)
        return taken
    }

    fun takeAll(): ByteArray = take(size)

    /** Takes the first [count] bytes as text, dropping [ending] more behind them. */
    fun takeText(
        count: Int,
        ending: Int,
        charset: Charset,
    ): String {
        val bytes = storage
        val text = if (bytes == null || count == 0) "" else String(bytes.array(), start, count, charset)
        drop(count + ending)
        return text
    }

    fun moveTo(into: ByteBuffer): Int {
        val count = minOf(size, into.remaining())
        storage?.let { into.put(it.array(), start, count) }
        drop(count)
        return count
    }

    fun moveTo(
        into: ByteArray,
        offset: Int,
        length: Int,
    ): Int {
        val count = minOf(size, length)
        storage?.array()?.copyInto(into, offset, start, start + count)
        drop(count)
        return count
    }

    /** Lets [use] see the first [count] bytes, in the array they are in, without taking them. */
    inline fun <T> peek(
        count: Int,
        use: (array: ByteArray, offset: Int, length: Int) -> T,
    ): T = use(storage?.array() ?: NO_BYTES, start, count)

    fun drop(count: Int) {
        start += count
        search?.drop(count)
        exactCapacity = 0
        releaseIfEmpty()
    }

    fun clear() {
        letGo()
        drop(size)
    }

    /** From now on keeps what is taken. */
    fun hold() {
        heldFrom = start
    }

    /** What was taken since [hold] is gone. */
    fun letGo() {
        heldFrom = NOTHING_HELD
        releaseIfEmpty()
    }

    /** What was taken since [hold] is here again. */
    fun giveBack() {
        if (!isHolding) return
        start = heldFrom
        search = null
        letGo()
    }

    operator fun get(index: Int): Byte = storage!!.get(start + index)

    /** How many bytes there are through the first of [separators]; 0 if none is here. */
    fun lengthThrough(separators: Separators): Int = storage?.let { searching().lengthThrough(separators, it, start, end) } ?: 0

    /** The length of the separator that [lengthThrough] found last. */
    val matchLength: Int get() = searching().matchLength

    /** After [lengthThrough] found none: how many of the last bytes could still become one. */
    val undecided: Int get() = searching().undecided

    private fun searching() = search ?: SeparatorSearch().also { search = it }

    /** A few bytes in a large array move to a small one, because a wait may be long. */
    fun shrinkToWait() {
        val bytes = storage ?: return
        val kept = end - floor
        if (bytes.capacity() >= READ_SIZE && kept <= bytes.capacity() / 8) {
            moveStorage(maxOf(MIN_CAPACITY, kept * 2))
        }
    }

    private fun storageWithRoom(): ByteBuffer {
        val bytes = storage ?: return ReadBufferPool.borrow().also { storage = it }
        val capacity = bytes.capacity()
        val room = capacity - end
        if (floor >= capacity / 2 && room < capacity / 4) {
            bytes.array().copyInto(bytes.array(), 0, floor, end)
            moveDown()
        } else if (room == 0) {
            moveStorage(grown(capacity))
        }
        return storage!!
    }

    /** Doubles; on the way to an exact size it goes faster, by a factor that still takes a sender who sends. */
    private fun grown(capacity: Int): Int {
        if (capacity == MAX_CAPACITY) {
            throw OutOfMemoryError("more than $MAX_CAPACITY bytes can't be held at once; read them in pieces")
        }
        if (exactCapacity > size) {
            return minOf(exactCapacity.toLong(), maxOf(capacity, READ_SIZE) * 16L).toInt()
        }
        return maxOf(READ_SIZE.toLong(), capacity * 2L).coerceAtMost(MAX_CAPACITY.toLong()).toInt()
    }

    private fun moveStorage(capacity: Int) {
        val old = storage!!
        val new = if (capacity == READ_SIZE) ReadBufferPool.borrow() else newReadBuffer(capacity)
        old.array().copyInto(new.array(), 0, floor, end)
        moveDown()
        storage = new
        giveBack(old)
    }

    /** The bytes have moved to the beginning of the storage. */
    private fun moveDown() {
        val distance = floor
        start -= distance
        end -= distance
        if (isHolding) heldFrom = 0
    }

    private fun releaseIfEmpty() {
        if (start < end || isHolding) {
            return
        }
        start = 0
        end = 0
        storage?.let(::giveBack)
        storage = null
    }

    private fun giveBack(old: ByteBuffer) {
        if (old.capacity() == READ_SIZE) {
            ReadBufferPool.giveBack(old)
        }
    }

    private companion object {
        const val NOTHING_HELD = -1
    }
}
