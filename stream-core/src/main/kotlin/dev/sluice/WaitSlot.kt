package dev.sluice

import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlin.coroutines.resume

/**
 * The place where the one coroutine that waits for something is kept until somebody wakes it.
 *
 * The state that is waited for is guarded by [lock]. Whoever changes it takes the waiter out under the lock and resumes it
 * after the lock was left: a resumed coroutine may run in place, and call back.
 */
internal class WaitSlot(
    private val lock: Any,
    private val purpose: String,
) {
    private var waiter: CancellableContinuation<Unit>? = null

    /** Whether somebody waits. Under the lock. */
    val isTaken: Boolean get() = waiter != null

    /** The waiter, for [wake], no longer in its place. Under the lock. */
    fun take(): CancellableContinuation<Unit>? = waiter.also { waiter = null }

    /**
     * Returns when [isReady], asked under the lock, says so or somebody wakes it. What [isReady] throws is thrown here, in the
     * frames of the one who waits.
     *
     * @param onWait runs outside of the lock when the waiter is in its place
     */
    suspend fun await(
        isReady: () -> Boolean,
        onWait: () -> Unit = {},
    ) {
        if (synchronized(lock) { isReady() }) return
        suspendCancellableCoroutine { continuation ->
            if (enter(continuation, isReady)) {
                continuation.invokeOnCancellation { leave(continuation) }
                onWait()
            } else {
                continuation.resume(Unit)
            }
        }
        // For what there is to throw. What it waited for may be gone again; then it returns early.
        synchronized(lock) { isReady() }
    }

    private fun enter(
        continuation: CancellableContinuation<Unit>,
        isReady: () -> Boolean,
    ): Boolean =
        synchronized(lock) {
            check(waiter == null) { "another coroutine is $purpose already; one at a time" }
            if (isReady()) return false
            waiter = continuation
            true
        }

    private fun leave(continuation: CancellableContinuation<Unit>) {
        synchronized(lock) {
            if (waiter === continuation) waiter = null
        }
    }
}

/** Resumes a waiter that was taken out of its place, if there was one. Outside of any lock. */
internal fun CancellableContinuation<Unit>?.wake() {
    this?.resume(Unit)
}
