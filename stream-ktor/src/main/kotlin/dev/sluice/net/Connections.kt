package dev.sluice.net

import dev.sluice.Connection
import dev.sluice.StreamClosedException
import dev.sluice.transport.OpenedAt
import kotlinx.coroutines.currentCoroutineContext
import java.nio.channels.SocketChannel
import kotlin.coroutines.ContinuationInterceptor
import kotlin.time.Duration

/**
 * The loop for a new connection: the caller's own, so that they need no other thread to talk, or the next of the group.
 *
 * @throws StreamClosedException it has been closed
 */
internal suspend fun loopFrom(group: EventLoops?): EventLoop {
    val loop = loopFrom(group, currentCoroutineContext()[ContinuationInterceptor] as? EventLoop)
    loop.checkOpen()
    return loop
}

/** @throws StreamClosedException it has been closed */
internal fun EventLoop.checkOpen() {
    if (isClosed) throw StreamClosedException("$this was closed")
}

/** [own], if there is one and [group] has nothing against it, or the next of the group. */
internal fun loopFrom(
    group: EventLoops?,
    own: EventLoop?,
): EventLoop = own?.takeIf { group == null || it.isOf(group) } ?: (group ?: EventLoops.default).next()

/** What a connection on a channel takes from the options. It is made first of all, while those who open the connection are still on the stack. */
internal class StreamLimits(
    val limit: Int,
    val writeLimit: Int,
    val closeTimeout: Duration,
    val idleTimeout: Duration,
) {
    private val openedAt = OpenedAt.note()

    /** Has [loop] drive [channel], which the connection owns from now on; a failure closes it. */
    fun connect(
        channel: SocketChannel,
        loop: EventLoop,
        peerHost: String? = null,
        isAccepted: Boolean = false,
    ): Connection =
        try {
            val transport = ChannelTransport(channel, loop, null, peerHost, isAccepted, openedAt, idleTimeout)
            Connection(transport, limit, writeLimit, closeTimeout, background = loop)
        } catch (e: Throwable) {
            channel.close()
            loop.releaseClosed()
            throw e
        }
}

internal val ConnectOptions.limits: StreamLimits get() = StreamLimits(limit, writeLimit, closeTimeout, idleTimeout)

internal val ServerOptions.limits: StreamLimits get() = StreamLimits(limit, writeLimit, closeTimeout, idleTimeout)
