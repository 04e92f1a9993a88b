@file:NotOnAndroid

package dev.sluice.process.pipes

import dev.sluice.NotOnAndroid
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.suspendCancellableCoroutine
import java.nio.channels.CancelledKeyException
import java.nio.channels.ClosedChannelException
import java.nio.channels.SelectableChannel
import java.util.concurrent.atomic.AtomicReference
import kotlin.coroutines.resume

/**
 * Who waits for an end of a pipe, one at most. A waiter that was cancelled stays until the next one takes its place; resuming it does
 * nothing. A wait on a closed channel ends at once.
 */
@NotOnAndroid
internal class PipeWait(
    private val channel: SelectableChannel,
    private val operation: Int,
    private val loop: PipeLoop,
) {
    private val waiter = AtomicReference<CancellableContinuation<Unit>?>()

    /** @param isOver whether there is nothing to wait for; looked at when a [ready] that comes from now on is no longer missed */
    suspend fun await(isOver: () -> Boolean): Unit =
        suspendCancellableCoroutine { waiting ->
            waiter.getAndSet(waiting)?.resume(Unit)
            try {
                if (isOver()) ready() else loop.watch(channel, operation, this)
            } catch (_: ClosedChannelException) {
                ready()
            } catch (_: CancelledKeyException) {
                ready()
            }
        }

    /** Ends the wait, if there is one. */
    fun ready() {
        waiter.getAndSet(null)?.resume(Unit)
    }
}
