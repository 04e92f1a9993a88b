@file:JvmName("KtorSockets")

package dev.sluice.net

import dev.sluice.Connection
import dev.sluice.StreamClosedException
import dev.sluice.transport.OpenedAt
import io.ktor.network.selector.Selectable
import io.ktor.network.sockets.Socket
import io.ktor.network.sockets.isClosed
import io.ktor.network.sockets.openReadChannel
import io.ktor.utils.io.ByteChannel
import java.nio.channels.ClosedChannelException
import java.nio.channels.SocketChannel

/**
 * Makes a connection of this Ktor socket, which belongs to it from now on: closing either closes both.
 *
 * ```kotlin
 * val (reader, writer) = aSocket(selector).tcp().connect(host, port).asConnection()
 * ```
 * Neither `openReadChannel()` nor `openWriteChannel()` may have been called: bytes go directly to the socket's own channel, which an
 * event loop drives, that of the caller if it runs on one, else the next of `eventLoops`. Only where a wrapped socket hides its
 * channel they go through the byte channels that it opens.
 *
 * Of [options] the limits, `closeTimeout`, `idleTimeout` and `eventLoops` apply; the rest has been decided when the socket was made.
 *
 * @throws IllegalArgumentException the options have an `idleTimeout`, and the socket hides its channel
 * @throws IllegalStateException byte channels were opened; they go on as they were
 * @throws StreamClosedException the socket is closed
 */
@JvmOverloads
public fun Socket.asConnection(options: ConnectOptions = ConnectOptions.Default): Connection {
    if (isClosed) throw StreamClosedException("$this is closed already")
    val channel = (this as? Selectable)?.channel as? SocketChannel
    return if (channel == null) overByteChannels(options) else overOwnChannel(channel, options)
}

private fun Socket.overOwnChannel(
    channel: SocketChannel,
    options: ConnectOptions,
): Connection {
    check((this as Selectable).interestedOps == 0) { "$this is in use: byte channels were opened on it" }
    val loop = loopFrom(options.eventLoops, LoopThread.currentLoop())
    val transport =
        try {
            ChannelTransport(
                channel,
                loop,
                owner = this,
                openedAt = OpenedAt.note(),
                idleTimeout = options.idleTimeout,
            ).also { SelectorDeparture.begin(this, channel) }
        } catch (e: ClosedChannelException) {
            throw StreamClosedException("$this is closed already", e)
        }
    val connection = Connection(transport, options.limit, options.writeLimit, options.closeTimeout, background = loop)
    // The socket's own close() knows nothing of the event loop and those who wait there.
    socketContext.invokeOnCompletion { if (transport.closing == null) connection.abort() else transport.release() }
    return connection
}

private fun Socket.overByteChannels(options: ConnectOptions): Connection {
    require(
        options.idleTimeout.isInfinite(),
    ) { "no event loop drives $this, which hides its channel: it can't have an idleTimeout" }
    val info = KtorSocketInfo(this)
    val output = ByteChannel()
    val delivery = attachForWriting(output).job
    val transport = ByteChannelTransport(openReadChannel(), output, info, socket = this, delivery)
    val connection = Connection(transport, options.limit, options.writeLimit, options.closeTimeout)
    socketContext.invokeOnCompletion { if (!transport.isClosing) connection.abort() }
    return connection
}
