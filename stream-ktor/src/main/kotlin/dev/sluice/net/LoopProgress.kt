package dev.sluice.net

import java.util.concurrent.atomic.AtomicLong

/**
 * What an [EventLoop] is at, for whoever looks on from another thread: the number of the step it runs, or [WAITING]. It is written
 * without a fence, because the loop writes it all the time and nobody needs it at once.
 */
internal class LoopProgress {
    private val shown = AtomicLong(WAITING)
    private var steps = 0L

    val step: Long get() = shown.get()

    fun begins() {
        shown.lazySet(++steps)
    }

    fun waits() {
        shown.lazySet(WAITING)
    }

    companion object {
        const val WAITING: Long = 0
    }
}
