package dev.sluice.net

import io.ktor.network.selector.InterestSuspensionsMap
import io.ktor.network.selector.SelectInterest
import io.ktor.network.selector.Selectable
import io.ktor.network.selector.SelectorManager
import io.ktor.network.sockets.Socket
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.channels.ClosedSendChannelException
import kotlinx.coroutines.launch
import java.io.IOException
import java.nio.channels.ClosedChannelException
import java.nio.channels.ClosedSelectorException
import java.nio.channels.SelectableChannel
import java.nio.channels.SelectionKey
import java.nio.channels.Selector

/**
 * Takes a channel off the selector of Ktor's on which it was connected. A descriptor is released, and a reset sent, only when every selector
 * that has a key of it has come round, and Ktor's sleeps without one until somebody else wants something of it.
 *
 * Only the thread of Ktor's selector may do that, and there it asks what it is to select on for its key: this is such a one, which
 * is asked once and then wants nothing.
 */
internal class SelectorDeparture private constructor(
    private val leaving: SelectableChannel,
) : Selectable {
    override val channel: SelectableChannel = KeylessChannel()
    override val suspensions = InterestSuspensionsMap()
    override val isClosed: Boolean get() = false
    override val interestedOps: Int get() = SelectInterest.READ.flag

    override fun interestOp(
        interest: SelectInterest,
        state: Boolean,
    ) = Unit

    override fun close() = Unit

    override fun dispose() = Unit

    private fun leave(selector: Selector) {
        val key = leaving.keyFor(selector) ?: return
        key.cancel()
        selector.selectNow()
        // What else was ready is to be found again, by the one who acts on it.
        selector.selectedKeys().clear()
    }

    private inner class KeylessChannel : SelectableChannel() {
        private var wasAsked = false

        override fun keyFor(selector: Selector): SelectionKey? {
            if (wasAsked) return null
            wasAsked = true
            leave(selector)
            throw ClosedChannelException()
        }

        override fun provider() = leaving.provider()

        override fun validOps() = leaving.validOps()

        override fun isRegistered() = false

        override fun register(
            selector: Selector,
            operations: Int,
            attachment: Any?,
        ): SelectionKey = throw ClosedChannelException()

        override fun configureBlocking(block: Boolean): SelectableChannel = this

        override fun isBlocking() = false

        override fun blockingLock(): Any = this

        override fun implCloseChannel() = Unit
    }

    companion object {
        /** Begins it; on one of our loops nothing has to be done. */
        fun begin(
            socket: Socket,
            channel: SelectableChannel,
        ) {
            if (!channel.isRegistered) return
            val selector = selectorOf(socket) ?: return
            if (selector is EventLoop) return
            CoroutineScope(Dispatchers.Unconfined).launch(start = CoroutineStart.UNDISPATCHED) {
                try {
                    selector.select(SelectorDeparture(channel), SelectInterest.READ)
                } catch (_: IOException) {
                    // It has left.
                } catch (_: ClosedSelectorException) {
                    // A selector that was closed holds nothing. It has three ways to say so, by when it is asked.
                } catch (_: ClosedSendChannelException) {
                    // As before.
                } catch (_: CancellationException) {
                    // As before: nobody cancels this coroutine.
                }
            }
        }

        /**
         * By reflection: nothing public leads from a socket to its selector. The property is, but that of a class that is internal to Ktor.
         * Where there is none the descriptor is released when the selector next comes round.
         */
        private fun selectorOf(socket: Socket): SelectorManager? =
            try {
                socket.javaClass.getMethod("getSelector").invoke(socket) as? SelectorManager
            } catch (_: ReflectiveOperationException) {
                null
            }
    }
}
