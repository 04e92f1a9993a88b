package dev.sluice

import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withTimeoutOrNull
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.DurationUnit
import kotlin.time.TimeMark
import kotlin.time.TimeSource

/**
 * How many bytes per second may pass, for all streams that share it. Any thread may use and change it at any time.
 *
 * ```kotlin
 * val uploads = Throttle(bytesPerSecond = 1L shl 20)
 * val writer = connection.writer.throttled(uploads)
 * uploads.bytesPerSecond = 4L shl 20              // also for those who wait at the moment
 * ```
 * What is not used in a quiet moment may be made up for, but of no more than an eighth of a second. Streams that have to wait are served in
 * turn, in small pieces.
 *
 * @param clock by which a second passes; the waiting itself is a `delay` of the coroutine that waits
 */
public class Throttle
    @JvmOverloads
    constructor(
        bytesPerSecond: Long,
        clock: TimeSource = TimeSource.Monotonic,
    ) {
        private val changes = MutableStateFlow(0)
        private val line = Mutex()

        // Under the lock of this object.
        private var rate = checked(bytesPerSecond)
        private var filledAt: TimeMark = clock.markNow()
        private var there = burst()

        public var bytesPerSecond: Long
            get() = synchronized(this) { rate }
            set(value) {
                checked(value)
                synchronized(this) {
                    fill()
                    rate = value
                }
                // Outside of the lock: who waits may go on in place.
                changes.update { it + 1 }
            }

        /** Takes at most [most] bytes that may pass now; 0 if none may, or others have waited for longer. */
        internal fun takeNow(most: Int): Int =
            when {
                line.isLocked -> 0
                else -> synchronized(this) { if (isThere(minOf(most, piece()))) take(most) else 0 }
            }

        /**
         * Waits until some bytes may pass, and takes them; how many.
         *
         * **Cancel safety**: a cancelled call has taken none.
         */
        internal suspend fun take(): Int =
            line.withLock {
                while (true) {
                    val seen = changes.value
                    val time = synchronized(this) { timeToPiece() } ?: break
                    withTimeoutOrNull(time) { changes.first { it != seen } }
                }
                synchronized(this) { take(piece()) }
            }

        /** Of what was taken [count] bytes did not pass. */
        internal fun giveBack(count: Int) {
            if (count > 0) synchronized(this) { there = minOf(there + count, burst()) }
        }

        // All of these under the lock.

        private fun isThere(bytes: Int): Boolean {
            fill()
            return there >= bytes
        }

        private fun take(most: Int): Int {
            val taken = minOf(most.toDouble(), there).toInt()
            there -= taken
            return taken
        }

        /** Null if it is there. */
        private fun timeToPiece(): Duration? =
            if (isThere(piece())) null else ((piece() - there) / rate).seconds.coerceAtLeast(SHORTEST_WAIT)

        private fun fill() {
            val passed = filledAt.elapsedNow()
            filledAt += passed
            there = minOf(there + passed.toDouble(DurationUnit.SECONDS) * rate, burst())
        }

        private fun burst(): Double = maxOf(rate / BURSTS_PER_SECOND, 1.0)

        /** What one who waits is given at a time. */
        private fun piece(): Int = (rate / PIECES_PER_SECOND).coerceIn(1, READ_SIZE.toLong()).toInt()

        override fun toString(): String = "Throttle($bytesPerSecond bytes/s)"

        private companion object {
            const val BURSTS_PER_SECOND = 8.0
            const val PIECES_PER_SECOND = 64

            /** What `delay` can tell from nothing. */
            val SHORTEST_WAIT = 1.milliseconds

            fun checked(rate: Long): Long =
                rate.also { require(it > 0) { "a throttle lets at least one byte pass in a second, not $it" } }
        }
    }
