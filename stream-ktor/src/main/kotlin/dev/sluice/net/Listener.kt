package dev.sluice.net

import io.ktor.network.selector.InterestSuspensionsMap
import io.ktor.network.selector.SelectInterest
import io.ktor.network.selector.Selectable
import kotlinx.coroutines.Job
import java.io.IOException
import java.net.SocketAddress
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel

/** One listening channel, ours or a caller's, that [loop] watches. */
internal class Listener(
    override val channel: ServerSocketChannel,
    val loop: EventLoop,
) : ClientSource,
    Selectable {
    val address: SocketAddress = channel.localAddress

    override val suspensions = InterestSuspensionsMap()

    override val isClosed: Boolean get() = !channel.isOpen

    /** Also when it is closed: that may happen while somebody begins to wait, who is to learn of it as of any other close. */
    override val interestedOps: Int get() = SelectInterest.ACCEPT.flag

    /** Nobody can connect any more, and the address can be bound again. */
    val released = Job()

    override fun interestOp(
        interest: SelectInterest,
        state: Boolean,
    ): Unit = throw UnsupportedOperationException("a listener is only ever interested in clients")

    override suspend fun awaitClient(): Unit = loop.select(this, SelectInterest.ACCEPT)

    override fun accept(): SocketChannel? = channel.accept()

    override fun close() {
        try {
            channel.close()
        } catch (_: IOException) {
            // Of a channel that is given up there is nothing to be told.
        }
        loop.notifyClosed(this)
        loop.afterSelection { released.complete() }
    }

    override fun dispose(): Unit = close()

    override fun toString(): String = "the listener at $address"
}
