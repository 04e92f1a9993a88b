package dev.sluice

import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.yield

/**
 * Fairness for operations that never have to wait: a coroutine that is served from a buffer, or by a peer that is always
 * ready, lets its neighbours run now and then, and hears of its cancellation.
 *
 * Counting is not atomic: a lost count only moves the moment. It is a supertype because each stream needs one, and an object of its own
 * would be what an idle connection has most of.
 */
internal abstract class TakesTurns {
    /** A byte: of all that a stream has this is there most often. */
    private var left = TURNS

    /** Whether one more step may be done without giving way. */
    fun mayGoOn(): Boolean = left > 0 && left-- > 0

    /** One more step, after giving way if it is time. */
    suspend fun passTurn() {
        if (mayGoOn()) {
            currentCoroutineContext().ensureActive()
        } else {
            left = TURNS
            yield()
        }
    }

    private companion object {
        /** A yield costs about as much as ten operations from a buffer. */
        const val TURNS: Byte = 127
    }
}
