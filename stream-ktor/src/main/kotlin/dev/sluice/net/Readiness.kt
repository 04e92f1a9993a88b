package dev.sluice.net

import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.suspendCancellableCoroutine
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException

/**
 * Whether one direction of a channel is worth a system call, and who waits for that.
 *
 * **The state** is [NOTHING] before a call; one that moved all it could makes it [MAYBE], the selector [READY]. Whatever comes during the
 * call is seen. A short read or write leaves it at [NOTHING], which saves the next call, the one that would say "nothing". Only [READY] is
 * certain, and only that ends a wait; [WOKEN] ends one.
 *
 * **The waiter**, one at most, is set before the state is looked at, and the selector sets the state before it looks for a waiter: one
 * of the two sees the other. A waiter that was cancelled stays until the next one takes its place; resuming it does nothing.
 */
internal class Readiness {
    @Volatile
    private var state = MAYBE

    @Volatile
    private var waiter: CancellableContinuation<Unit>? = null

    val hasWaiter: Boolean get() = waiter != null

    /** Whether a system call is worth it. */
    fun take(): Boolean {
        if (state == NOTHING) return false
        state = NOTHING
        return true
    }

    /** There may be more. */
    fun giveBack() {
        state = MAYBE
    }

    /** Waits until [channel] is ready for [operation], which this is about. */
    suspend fun await(
        channel: WatchedChannel,
        operation: Int,
    ): Unit = suspendCancellableCoroutine { resumeWhenReady(it, channel, operation) }

    /** The same for a wait that has begun already. */
    fun resumeWhenReady(
        waiting: CancellableContinuation<Unit>,
        channel: WatchedChannel,
        operation: Int,
    ) {
        // Who waited before was cancelled, or is a reader that a closing layer above takes over from: it may look again.
        WAITER.getAndSet(this, waiting)?.resume(Unit)
        val closing = channel.closing
        when {
            closing != null -> take(waiting)?.resumeWithException(closing.failure())
            endsWait() -> take(waiting)?.resume(Unit)
            else -> channel.arm(operation)
        }
    }

    private fun endsWait(): Boolean =
        when (state) {
            READY -> true
            WOKEN -> true.also { state = MAYBE }
            else -> false
        }

    /** The channel is ready; whether somebody waited for it. */
    fun signal(): Boolean = become(READY)

    /** Ends a wait, this one or the next, for no reason of the channel's. */
    fun wake() {
        become(WOKEN)
    }

    private fun become(next: Int): Boolean {
        state = next
        val waiting = WAITER.getAndSet(this, null) ?: return false
        waiting.resume(Unit)
        return true
    }

    /** Ends a wait, because the channel is being closed. Where nobody waits no exception is made. */
    fun fail(closing: Closing) {
        WAITER.getAndSet(this, null)?.resumeWithException(closing.failure())
    }

    private fun take(own: CancellableContinuation<Unit>) = own.takeIf { WAITER.compareAndSet(this, it, null) }

    private companion object {
        const val NOTHING = 0
        const val MAYBE = 1
        const val READY = 2
        const val WOKEN = 3

        @Suppress("UNCHECKED_CAST")
        val WAITER: AtomicReferenceFieldUpdater<Readiness, CancellableContinuation<Unit>?> =
            AtomicReferenceFieldUpdater.newUpdater(Readiness::class.java, CancellableContinuation::class.java, "waiter")
                as AtomicReferenceFieldUpdater<Readiness, CancellableContinuation<Unit>?>
    }
}
