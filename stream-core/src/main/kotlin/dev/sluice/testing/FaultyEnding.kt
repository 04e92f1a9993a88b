package dev.sluice.testing

import dev.sluice.ConnectionResetException
import dev.sluice.StreamClosedException
import kotlinx.coroutines.Job
import kotlinx.coroutines.withTimeoutOrNull
import kotlin.time.Duration

/** Whether and how a [FaultyTransport] has ended. A reset comes from the connection, a close from its owner and is stronger. */
internal class FaultyEnding {
    private enum class State { OPEN, RESET, CLOSED }

    private val ended = Job()

    @Volatile
    private var state = State.OPEN

    fun close() {
        synchronized(ended) { state = State.CLOSED }
        ended.complete()
    }

    /** Whether this call did it. */
    fun reset(): Boolean {
        synchronized(ended) {
            if (state != State.OPEN) return false
            state = State.RESET
        }
        ended.complete()
        return true
    }

    fun check() {
        when (state) {
            State.OPEN -> Unit
            State.RESET -> throw ConnectionResetException("the connection was reset by the fault that the test asked for")
            State.CLOSED -> throw StreamClosedException("the stream was closed by this side")
        }
    }

    /** Never returns; throws when it has ended. */
    suspend fun await() {
        ended.join()
        check()
    }

    /** Returns after [time], unless it ends before: then throws. */
    suspend fun await(time: Duration) {
        withTimeoutOrNull(time) { ended.join() }
        check()
    }
}
