@file:NotOnAndroid

package dev.sluice.process.pipes

import dev.sluice.NotOnAndroid

/**
 * For one end of a pipe: where much moves, more will follow sooner than a selector could tell of it and a thread wake up. Such a pipe is
 * asked again for a moment, in which others may run, before it is waited for.
 */
@NotOnAndroid
internal class Persistence(
    private val loop: PipeLoop,
) {
    private var movesMuch = false

    /** What [move] moves. On the thread that serves all pipes it is asked once. */
    inline fun persist(move: () -> Int): Int {
        var count = move()
        if (count == 0 && movesMuch && !loop.isInLoop) {
            val end = System.nanoTime() + PATIENCE_NANOS
            do {
                Thread.yield()
                count = move()
            } while (count == 0 && System.nanoTime() < end)
        }
        movesMuch = count >= MUCH
        return count
    }

    companion object {
        const val MUCH = 16 * 1024

        /** What a wait costs: short enough for an event loop, too. */
        const val PATIENCE_NANOS = 50_000L
    }
}
