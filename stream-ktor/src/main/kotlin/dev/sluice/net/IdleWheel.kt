package dev.sluice.net

import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/**
 * Finds out which of many entries have been idle for too long: one for each event loop, used on its thread.
 *
 * Activity only writes down its time. An entry lies in a slot for the time at which it may be due; it is looked at then, and if it was active
 * meanwhile it goes into a later slot. So an entry is looked at once in its timeout, however much it does.
 *
 * Each level of the wheel has slots that are twice as long as those of the one below, and an entry is in the level in which its timeout is
 * 8 to 16 slots long: it is found at most an eighth of its timeout late, and thousands of entries of one timeout are looked at in 16 groups.
 *
 * @param nanoTime the clock
 */
internal class IdleWheel(
    private val nanoTime: () -> Long = System::nanoTime,
) {
    private val origin = nanoTime()

    /** Of each slot, level by level, a ring with a head that is no entry; made for the first entry. */
    private var heads: Array<Head?>? = null

    /** Of each level a bit for each slot in which there may be entries. */
    private val occupied = IntArray(LEVELS)

    /** Until here all slots have been looked at. */
    private var lookedAt = 0

    /** The time as of the beginning of the turn, for what happens on the thread. */
    @Volatile
    var now: Int = 0
        private set

    var size: Int = 0
        private set

    fun add(
        entry: IdleEntry,
        timeout: Duration,
    ) {
        if (size == 0) catchUp()
        // A tick that has begun is no tick, at either end.
        entry.idleTicks = ((timeout.inWholeMilliseconds + TICK_MILLIS - 1) / TICK_MILLIS + 1).coerceAtMost(LONGEST).toInt()
        entry.lastActive = now
        size++
        file(entry)
    }

    fun remove(entry: IdleEntry) {
        val previous = entry.previous ?: return
        previous.next = entry.next
        entry.next!!.previous = previous
        entry.previous = null
        entry.next = null
        size--
    }

    fun timeoutOf(entry: IdleEntry): Duration = ((entry.idleTicks - 1) * TICK_MILLIS).milliseconds

    /** The time for what happens on any thread. */
    fun timeNow(): Int = ((nanoTime() - origin) / TICK_NANOS).toInt()

    /** How long nothing can be due, in milliseconds; 0 for ever, as a selector has it. */
    fun millisToRest(): Long {
        if (size == 0) return 0
        var rest = Int.MAX_VALUE
        for (level in 0 until LEVELS) {
            if (occupied[level] != 0) rest = minOf(rest, ticksToNextSlot(level))
        }
        // Since now some time may have passed: better late than in vain.
        return rest.toLong() * TICK_MILLIS
    }

    /** To be called when a turn begins: what it does happens now. */
    fun turnBegins() {
        if (size > 0) now = timeNow()
    }

    /** To be called in a turn, after what has come was read: looks at what has become due. */
    fun advance() {
        if (size == 0) return
        for (level in 0 until LEVELS) {
            if (occupied[level] != 0) lookThrough(level)
        }
        lookedAt = now
    }

    /** After a time in which nobody asked. */
    private fun catchUp() {
        now = timeNow()
        lookedAt = now
        occupied.fill(0)
    }

    private fun ticksToNextSlot(level: Int): Int {
        val first = (now shr level) + 1
        val ahead = Integer.rotateRight(occupied[level], first and SLOT_MASK).countTrailingZeroBits()
        return ((first + ahead) shl level) - now
    }

    private fun lookThrough(level: Int) {
        val from = (lookedAt shr level) + 1
        val to = now shr level
        for (slot in from..minOf(to, from + SLOT_MASK)) {
            val bit = 1 shl (slot and SLOT_MASK)
            if (occupied[level] and bit == 0) continue
            occupied[level] = occupied[level] and bit.inv()
            empty(headOf(level, slot))
        }
    }

    private fun empty(head: Head) {
        // What is filed again may get into the same slot.
        val looking = Head()
        head.moveAllTo(looking)
        while (true) {
            val entry = looking.next!!
            if (entry === looking) return
            remove(entry)
            if (now - entry.lastActive >= entry.idleTicks) {
                entry.idled()
            } else {
                size++
                file(entry)
            }
        }
    }

    private fun file(entry: IdleEntry) {
        val level = maxOf(0, HIGHEST_BIT - entry.idleTicks.countLeadingZeroBits() - SLOT_BITS_OF_TIMEOUT)
        // Rounded up, so that it is due when it is looked at.
        val slot = (entry.lastActive + entry.idleTicks + (1 shl level) - 1) shr level
        occupied[level] = occupied[level] or (1 shl (slot and SLOT_MASK))
        headOf(level, slot).append(entry)
    }

    private fun headOf(
        level: Int,
        slot: Int,
    ): Head {
        val heads = heads ?: arrayOfNulls<Head>(LEVELS * SLOTS).also { heads = it }
        val index = level * SLOTS + (slot and SLOT_MASK)
        return heads[index] ?: Head().also { heads[index] = it }
    }

    private class Head : IdleEntry() {
        init {
            previous = this
            next = this
        }

        fun append(entry: IdleEntry) {
            val last = previous!!
            last.next = entry
            entry.previous = last
            entry.next = this
            previous = entry
        }

        fun moveAllTo(other: Head) {
            if (next === this) return
            other.next = next
            other.previous = previous
            next!!.previous = other
            previous!!.next = other
            next = this
            previous = this
        }

        override fun idled(): Unit = error("the head of a ring is no entry")
    }

    private companion object {
        const val TICK_MILLIS = 10L
        const val TICK_NANOS = TICK_MILLIS * 1_000_000

        /** Of a timeout no more than this is seen: 124 days. */
        const val LONGEST = 1L shl 30
        const val SLOTS = 32
        const val SLOT_MASK = SLOTS - 1
        const val HIGHEST_BIT = 31

        /** A timeout is from 8 to 16 slots long. */
        const val SLOT_BITS_OF_TIMEOUT = 3
        const val LEVELS = 28
    }
}
