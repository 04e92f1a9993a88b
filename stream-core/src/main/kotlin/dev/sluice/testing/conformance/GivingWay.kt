package dev.sluice.testing.conformance

import kotlinx.coroutines.yield

/** Lets others run now and then: one side may never have to wait, and the other may be in the same thread. */
internal class GivingWay {
    private var calls = 0

    suspend fun now() {
        if (++calls % CALLS_PER_TURN == 0) yield()
    }

    private companion object {
        const val CALLS_PER_TURN = 64
    }
}
