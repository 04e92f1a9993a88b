package dev.sluice.net

import dev.sluice.StreamClosedException
import io.ktor.network.selector.SelectInterest
import io.ktor.network.selector.Selectable
import kotlinx.coroutines.suspendCancellableCoroutine
import java.io.IOException
import java.nio.channels.CancelledKeyException
import java.nio.channels.ClosedChannelException
import java.nio.channels.ClosedSelectorException
import java.nio.channels.IllegalBlockingModeException
import java.nio.channels.SelectionKey
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException

/** The selector that Ktor's sockets know: one suspension for each interest of a selectable. */
internal class KtorSelection(
    private val loop: EventLoop,
) {
    suspend fun select(
        selectable: Selectable,
        interest: SelectInterest,
    ) {
        if (selectable.isClosed) throw ClosedChannelException()
        check(selectable.interestedOps and interest.flag != 0) { "$selectable does not want to be ready for $interest" }
        suspendCancellableCoroutine { continuation ->
            selectable.suspensions.addSuspension(interest, continuation)
            // Ktor's own selector leaves it there, and the next select() of the same kind is refused. One that was cancelled after it
            // had been resumed is not there any more, but perhaps its successor.
            continuation.invokeOnCancellation { if (continuation.isCancelled) selectable.suspensions.removeSuspension(interest) }
            if (loop.isInLoop) arm(selectable) else loop.execute { arm(selectable) }
        }
    }

    fun closed(selectable: Selectable) {
        fail(selectable, ClosedChannelException())
        loop.releaseClosed()
    }

    private fun arm(selectable: Selectable) {
        if (loop.isClosed) return fail(selectable, loopEnded())
        try {
            val key = loop.keyOf(selectable.channel) ?: loop.register(selectable.channel, Handler(selectable))
            check(key.attachment() is Handler) { "the channel of $selectable belongs to a Connection" }
            key.interestOps(selectable.interestedOps)
        } catch (e: CancelledKeyException) {
            fail(selectable, ClosedChannelException().initCause(e))
        } catch (e: IOException) {
            fail(selectable, e)
        } catch (e: IllegalBlockingModeException) {
            fail(selectable, e)
        } catch (_: ClosedSelectorException) {
            fail(selectable, loopEnded())
        } catch (e: IllegalStateException) {
            fail(selectable, e)
        }
    }

    private fun loopEnded() = StreamClosedException("$loop was closed")

    private fun fail(
        selectable: Selectable,
        cause: Throwable,
    ) {
        selectable.suspensions.invokeForEachPresent { _ -> resumeWithException(cause) }
    }

    private inner class Handler(
        private val selectable: Selectable,
    ) : ReadyHandler {
        override fun ready(key: SelectionKey) {
            val ready = key.readyOps()
            // Taken back first: who is resumed may select again in place.
            key.interestOps(key.interestOps() and ready.inv())
            selectable.suspensions.invokeForEachPresent(ready) { resume(Unit) }
        }

        override fun loopClosed(): Unit = fail(selectable, loopEnded())
    }
}
