package dev.sluice.testing

import dev.sluice.bounds
import java.io.IOException
import java.nio.ByteBuffer
import kotlin.time.Duration

/** One direction of a [FaultyTransport]. */
internal class FaultyFlow(
    private val direction: Direction,
    faults: Faults,
    private val traffic: Traffic,
    private val ending: FaultyEnding,
) {
    private val delay = faults.delay
    private val oneByte = faults.oneByteChunks
    private val short = if (direction == Direction.READ) faults.shortReads else faults.shortWrites
    private val sizes = Chunking.random(faults.seed + direction.ordinal).sizes()

    /** Whether the next piece has been delayed as it must. */
    @Volatile
    private var isDue = delay == Duration.ZERO

    val isStalled: Boolean get() = traffic.isStalled(direction)

    /** Moves a piece by [transfer], if one may be moved now; the result is that of `tryRead` and `tryWrite`. */
    fun move(
        buffer: ByteBuffer,
        transfer: (ByteBuffer) -> Int,
    ): Int {
        ending.check()
        if (!isDue || isStalled) return 0
        if (!buffer.hasRemaining()) return transferred(buffer, transfer)
        val count = traffic.reserve(direction, pieceOf(buffer.remaining()))
        // The other direction is about to move the last bytes that may pass.
        if (count == 0) return 0
        var moved = 0
        try {
            moved = transferred(buffer, count, transfer)
        } finally {
            traffic.settle(direction, count, maxOf(moved, 0))
        }
        if (moved > 0) isDue = delay == Duration.ZERO
        return moved
    }

    /** Waits by [wait] and then as long as the faults say. */
    suspend fun await(wait: suspend () -> Unit) {
        ending.check()
        stall()
        val failure =
            try {
                wait()
                null
            } catch (e: IOException) {
                ending.check()
                e
            }
        if (!isDue) ending.await(delay)
        isDue = true
        failure?.let { throw it }
        stall()
        ending.check()
    }

    private suspend fun stall() {
        if (isStalled) ending.await()
    }

    private fun pieceOf(size: Int): Int =
        when {
            oneByte -> 1
            short -> minOf(sizes.next(), maxOf(1, size - 1))
            else -> size
        }

    private fun transferred(
        buffer: ByteBuffer,
        count: Int,
        transfer: (ByteBuffer) -> Int,
    ): Int {
        val limit = buffer.limit()
        buffer.bounds(buffer.position(), buffer.position() + count)
        try {
            return transferred(buffer, transfer)
        } finally {
            buffer.bounds(buffer.position(), limit)
        }
    }

    private fun transferred(
        buffer: ByteBuffer,
        transfer: (ByteBuffer) -> Int,
    ): Int =
        try {
            transfer(buffer)
        } catch (e: IOException) {
            // A reset ends what lies below as well; what that says then is not what happened.
            ending.check()
            throw e
        }
}
