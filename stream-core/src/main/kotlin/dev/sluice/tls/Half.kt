package dev.sluice.tls

import dev.sluice.StreamClosedException
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableJob
import kotlinx.coroutines.Job
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.job
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater

/**
 * Who uses one direction of a TLS connection: its one caller, step by step, until it is [shut]. From then on the caller is told that
 * the stream is closed, also one that waits, and whoever shut it has the direction for good.
 *
 * A step may lead to any code, as to what a peer in this process does when bytes reach it. So there is no lock that could be
 * held meanwhile: who takes over waits for the end of the step.
 */
internal class Half(
    private val closed: () -> StreamClosedException,
) {
    @Volatile
    private var state = FREE

    /** The wait that [shut] ends. */
    @Volatile
    private var waiting: Job? = null

    /** For the end of the step that was under way when all this was shut. */
    @Volatile
    private var stepEnded: CompletableJob? = null

    private val isShut: Boolean get() = state >= WANTED

    /** One step, which does not wait. */
    inline fun <T> use(step: () -> T): T {
        enter()
        try {
            return step()
        } finally {
            leave()
        }
    }

    /** The same, unless somebody else is at it. */
    inline fun useIfFree(step: () -> Unit) {
        if (!tryEnter()) return
        try {
            step()
        } finally {
            leave()
        }
    }

    /** Waits, until all this is shut at the latest. */
    suspend fun await(wait: suspend () -> Unit) {
        try {
            coroutineScope {
                waiting = coroutineContext.job
                if (!isShut) wait()
            }
        } catch (e: CancellationException) {
            currentCoroutineContext().ensureActive()
            throw if (isShut) closed() else e
        } finally {
            waiting = null
        }
        checkOpen()
    }

    /** Keeps everybody out, and ends the wait. To be called once. */
    fun shut() {
        stepEnded = Job()
        while (!STATE.compareAndSet(this, FREE, TAKEN) && !STATE.compareAndSet(this, BUSY, WANTED)) {
            // It was entered or left between the two.
        }
        waiting?.cancel()
    }

    /** After [shut]: returns when nobody uses this any more. */
    suspend fun awaitTaken() {
        if (state != TAKEN) stepEnded?.join()
        waiting?.join()
    }

    private fun tryEnter(): Boolean = STATE.compareAndSet(this, FREE, BUSY)

    fun checkOpen() {
        if (isShut) throw closed()
    }

    private fun enter() {
        if (tryEnter()) return
        checkOpen()
        error("another coroutine uses this direction of the connection; one at a time")
    }

    private fun leave() {
        if (STATE.compareAndSet(this, BUSY, FREE)) return
        state = TAKEN
        stepEnded?.complete()
    }

    private companion object {
        const val FREE = 0
        const val BUSY = 1
        const val WANTED = 2
        const val TAKEN = 3

        val STATE: AtomicIntegerFieldUpdater<Half> = AtomicIntegerFieldUpdater.newUpdater(Half::class.java, "state")
    }
}
