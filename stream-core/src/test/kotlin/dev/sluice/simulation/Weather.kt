package dev.sluice.simulation

import dev.sluice.testing.Faults
import kotlin.random.Random
import kotlin.time.Duration.Companion.milliseconds

/** What one side of a simulated connection has to bear. */
internal class Weather(
    private val random: Random,
) {
    /** Whether nothing happens that could keep a byte from arriving. */
    val isCalm: Boolean = random.nextBoolean()

    val faults: Faults.() -> Unit = {
        seed = random.nextLong()
        shortReads = random.nextInt(3) == 0
        shortWrites = random.nextInt(3) == 0
        oneByteChunks = random.nextInt(10) == 0
        if (random.nextInt(3) == 0) delay = random.nextInt(20).milliseconds
        if (!isCalm) disturb()
    }

    private fun Faults.disturb() {
        errorWithLastData = random.nextBoolean()
        val at = random.nextLong(MOST_BYTES)
        when (random.nextInt(8)) {
            0 -> resetAtByte = at
            1 -> resetAtByteRead = at
            2 -> resetAtByteWritten = at
            3 -> stallAtByte = at
            4 -> stallAtByteRead = at
            5 -> stallAtByteWritten = at
        }
    }

    private companion object {
        /** About as many as are sent each way. */
        const val MOST_BYTES = 500L
    }
}
