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
    class Waiter(
        val target: Long,
        val continuation: CancellableContinuation<Unit>,
    )

    private val waiters = ArrayList<Waiter>(0)

    /** Under the lock. */
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

    fun resumeReached(): Unit = resume(synchronized(lock) { takeReached() })

    /** Under the lock. */
    fun takeReached(): List<Waiter> {
        if (waiters.isEmpty()) return emptyList()
        val settled = settled()
        val reached = waiters.filter { it.target <= settled }
        waiters.removeAll { it.target <= settled }
        return reached
    }

    companion object {
        /** After the lock was left: those of [takeReached]. */
        fun resume(reached: List<Waiter>) {
            for (i in reached.indices) reached[i].continuation.resume(Unit)
        }
    }
}
