package dev.sluice.net

import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.suspendCancellableCoroutine
import java.io.IOException
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException

/**
 * Whether one direction of a channel is worth a system call, and who waits for that.
 *
 * **The flag** is taken back before a call and given again by one that moved all it could, or by the selector: whatever
 * comes during the call is seen. A short read or write leaves it taken back, which saves the next call, the one that would say
 * "nothing".
 *
 * **The waiter**, one at most, is set before the flag is looked at, and the selector sets the flag before it looks for a waiter: one
 * of the two sees the other. A waiter that was cancelled stays until the next one takes its place; resuming it does nothing.
 */
internal class Readiness(
    private val transport: ChannelTransport,
    private val operation: Int,
) {
    @Volatile
    private var ready = true

    @Volatile
    private var waiter: CancellableContinuation<Unit>? = null

    val hasWaiter: Boolean get() = waiter != null

    /** Whether a system call is worth it; the flag is then taken back. */
    fun take(): Boolean {
        if (!ready) return false
        ready = false
        return true
    }

    /** There may be more. */
    fun giveBack() {
        ready = true
    }

    suspend fun await(): Unit =
        suspendCancellableCoroutine { continuation ->
            waiter = continuation
            val closing = transport.closing
            when {
                closing != null -> take(continuation)?.resumeWithException(closing.failure())
                ready -> take(continuation)?.resume(Unit)
                else -> transport.arm(operation)
            }
        }

    /** Sets the flag; whether somebody waited for it. */
    fun signal(): Boolean {
        ready = true
        val waiting = WAITER.getAndSet(this, null) ?: return false
        waiting.resume(Unit)
        return true
    }

    /** Ends a wait. */
    fun fail(cause: IOException) {
        WAITER.getAndSet(this, null)?.resumeWithException(cause)
    }

    private fun take(own: CancellableContinuation<Unit>) = own.takeIf { WAITER.compareAndSet(this, it, null) }

    private companion object {
        @Suppress("UNCHECKED_CAST")
        val WAITER: AtomicReferenceFieldUpdater<Readiness, CancellableContinuation<Unit>?> =
            AtomicReferenceFieldUpdater.newUpdater(Readiness::class.java, CancellableContinuation::class.java, "waiter")
                as AtomicReferenceFieldUpdater<Readiness, CancellableContinuation<Unit>?>
    }
}
