package dev.sluice.testing

internal enum class Direction { READ, WRITTEN }

/**
 * Counts the bytes that pass, and lets no byte pass the number at which something happens.
 *
 * Both directions may be under way at once. So bytes are reserved before they are moved, without a lock held meanwhile, and
 * settled after.
 */
internal class Traffic(
    faults: Faults,
) {
    private class Limit(
        val together: Long?,
        val each: Map<Direction, Long?>,
    )

    private val reset =
        Limit(faults.resetAtByte, mapOf(Direction.READ to faults.resetAtByteRead, Direction.WRITTEN to faults.resetAtByteWritten))
    private val stall =
        Limit(faults.stallAtByte, mapOf(Direction.READ to faults.stallAtByteRead, Direction.WRITTEN to faults.stallAtByteWritten))

    private val passed = LongArray(Direction.entries.size)
    private val reserved = LongArray(Direction.entries.size)

    val isReset: Boolean
        @Synchronized get() = Direction.entries.any { isReached(reset, it) }

    @Synchronized
    fun isStalled(direction: Direction): Boolean = isReached(stall, direction)

    /** How many of [wanted] bytes may be moved now. They count as moved for everybody else until [settle]. */
    @Synchronized
    fun reserve(
        direction: Direction,
        wanted: Int,
    ): Int {
        val room = minOf(room(reset, direction), room(stall, direction), wanted.toLong())
        reserved[direction.ordinal] += room
        return room.toInt()
    }

    /** Says that of [count] reserved bytes [moved] were moved. */
    @Synchronized
    fun settle(
        direction: Direction,
        count: Int,
        moved: Int,
    ) {
        reserved[direction.ordinal] -= count.toLong()
        passed[direction.ordinal] += moved.toLong()
    }

    private fun room(
        limit: Limit,
        direction: Direction,
    ): Long {
        val together = (limit.together ?: Long.MAX_VALUE) - passed.sum() - reserved.sum()
        val alone = (limit.each[direction] ?: Long.MAX_VALUE) - passed[direction.ordinal] - reserved[direction.ordinal]
        return minOf(together, alone).coerceAtLeast(0)
    }

    private fun isReached(
        limit: Limit,
        direction: Direction,
    ): Boolean {
        val together = limit.together
        val alone = limit.each[direction]
        return (together != null && passed.sum() >= together) || (alone != null && passed[direction.ordinal] >= alone)
    }
}
