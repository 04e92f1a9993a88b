package dev.sluice.testing.conformance

internal const val NO_BUSY_LOOP = "a wait doesn't return again and again for nothing"

/**
 * Counts how often in a row a wait returned and there was nothing to do. It may return early; one that does nothing else makes
 * its caller spin.
 */
internal class IdleReturns(
    private val function: String,
) {
    var count = 0
        private set

    fun returned() {
        count++
        if (count > MOST) busy()
    }

    private fun busy(): Nothing =
        violated(NO_BUSY_LOOP, "$function to wait until there is something to do", "it return $count times for nothing")

    fun progress() {
        count = 0
    }

    private companion object {
        // A TLS record of 16 KiB that comes byte by byte may wake its reader with each of them.
        const val MOST = 100_000
    }
}
