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
 *
 * The other direction's caller may pay a [visit], for one step. The caller that it meets waits as for room.
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

    /** For the end of the visit that is under way. */
    @Volatile
    private var visit: CompletableJob? = null

    private val isShut: Boolean get() = state >= WANTED

    /** One step, which does not wait; null if a visitor is here, whose leave [await] waits for. */
    inline fun <T : Any> tryUse(step: () -> T): T? {
        if (!enter()) return null
        try {
            return step()
        } finally {
            leave()
        }
    }

    /** One step of somebody else's, unless the caller is here. */
    fun visit(step: () -> Unit) {
        if (state != FREE) return
        val stay = Job()
        visit = stay
        try {
            if (!changes(FREE, VISITED)) return
            try {
                step()
            } finally {
                leaveFrom(VISITED)
            }
        } finally {
            visit = null
            stay.complete()
        }
    }

    /** Waits, for a visitor's leave if there is one, until all this is shut at the latest. */
    suspend fun await(wait: suspend () -> Unit) {
        try {
            coroutineScope {
                waiting = coroutineContext.job
                val visit = visit
                if (!isShut) {
                    if (visit != null) {
                        visit.join()
                    } else {
                        wait()
                    }
                }
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
        while (!changes(FREE, TAKEN) && !changes(BUSY, WANTED) && !changes(VISITED, WANTED)) {
            // It was entered or left meanwhile.
        }
        waiting?.cancel()
    }

    /** After [shut]: returns when nobody uses this any more. */
    suspend fun awaitTaken() {
        if (state != TAKEN) stepEnded?.join()
        waiting?.join()
    }

    fun checkOpen() {
        if (isShut) throw closed()
    }

    /** False where it is, or just was, a visitor's. */
    private fun enter(): Boolean {
        if (changes(FREE, BUSY)) return true
        checkOpen()
        check(state != BUSY) { "another coroutine uses this direction of the connection; one at a time" }
        return false
    }

    private fun leave() = leaveFrom(BUSY)

    private fun leaveFrom(from: Int) {
        if (changes(from, FREE)) return
        state = TAKEN
        stepEnded?.complete()
    }

    private fun changes(
        from: Int,
        to: Int,
    ): Boolean = STATE.compareAndSet(this, from, to)

    private companion object {
        const val FREE = 0
        const val BUSY = 1
        const val VISITED = 2
        const val WANTED = 3
        const val TAKEN = 4

        val STATE: AtomicIntegerFieldUpdater<Half> = AtomicIntegerFieldUpdater.newUpdater(Half::class.java, "state")
    }
}
