package dev.sluice

import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlin.coroutines.resume

/**
 * Who waits until an outflow has settled so and so many bytes. The list changes under [lock], and [settled] is asked under it;
 * nobody is resumed under it.
 */
internal class FlushWaiters(
    private val lock: Any,
    private val settled: () -> Long,
) {
    private class Waiter(
        val target: Long,
        val continuation: CancellableContinuation<Unit>,
    )

    private val waiters = ArrayList<Waiter>(0)

    val isEmpty: Boolean get() = waiters.isEmpty()

    /** Waits for [resumeReached] after [settled] got to [target]. */
    suspend fun await(target: Long) {
        suspendCancellableCoroutine { continuation ->
            val waiter = Waiter(target, continuation)
            val reached = synchronized(lock) { (settled() >= target).also { if (!it) waiters.add(waiter) } }
            if (reached) {
                continuation.resume(Unit)
            } else {
                continuation.invokeOnCancellation { synchronized(lock) { waiters.remove(waiter) } }
            }
        }
    }

    fun resumeReached() {
        for (waiter in synchronized(lock) { removeReached() }) {
            waiter.continuation.resume(Unit)
        }
    }

    private fun removeReached(): List<Waiter> {
        if (waiters.isEmpty()) return emptyList()
        val settled = settled()
        val reached = waiters.filter { it.target <= settled }
        waiters.removeAll { it.target <= settled }
        return reached
    }
}
