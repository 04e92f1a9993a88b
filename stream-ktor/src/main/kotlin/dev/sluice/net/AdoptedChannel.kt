package dev.sluice.net

import dev.sluice.Connection
import dev.sluice.StreamClosedException
import java.net.SocketOption
import java.net.StandardSocketOptions
import java.nio.channels.NetworkChannel
import java.nio.channels.SelectableChannel
import java.nio.channels.SocketChannel

/**
 * Makes a connection of [channel], which is connected already, TCP or Unix, and belongs to the connection from now on.
 *
 * Of [options] those that concern the connection apply, on TCP also `noDelay`, `keepAlive` and the sizes of the buffers; `family`,
 * `resolver`, `connectTimeout`, `happyEyeballsDelay` and `interleave` have nothing left to do, so that one object can serve both.
 *
 * With `tls` this side is the client unless its options say otherwise, and they have to name the host.
 *
 * @throws IllegalArgumentException the channel is not connected, a `localAddress` was given, or `tls` has no host to verify; the channel is
 *   as it was
 * @throws IllegalStateException a selector, or another connection, uses the channel; it goes on doing so
 * @throws StreamClosedException the channel is closed
 */
public suspend fun openConnection(
    channel: SocketChannel,
    options: ConnectOptions = ConnectOptions.Default,
): Connection {
    require(options.localAddress == null) { "a channel that is connected has its local address already; leave localAddress out" }
    options.tls?.checkHostname()
    channel.checkFree()
    require(channel.isConnected) { "$channel is not connected" }
    val loop = loopFrom(options.eventLoops)
    check(Adopted.add(channel)) { "$channel is in use by another connection" }
    return options.connect(channel, loop).secured(options.tls)
}

/** Makes a connection of a channel that is connected already, with what of these options can still be set; a failure closes it. */
internal fun ConnectOptions.connect(
    channel: SocketChannel,
    loop: EventLoop,
    limits: StreamLimits = this.limits,
): Connection {
    try {
        channel.configureBlocking(false)
        channel.setIfSupported(StandardSocketOptions.TCP_NODELAY, noDelay)
        channel.setIfSupported(StandardSocketOptions.SO_KEEPALIVE, keepAlive)
        sendBuffer?.let { channel.setIfSupported(StandardSocketOptions.SO_SNDBUF, it) }
        receiveBuffer?.let { channel.setIfSupported(StandardSocketOptions.SO_RCVBUF, it) }
    } catch (e: Throwable) {
        channel.close()
        throw e
    }
    return limits.connect(channel, loop)
}

internal fun SelectableChannel.checkFree() {
    if (!isOpen) throw StreamClosedException("$this is closed already")
    check(!isRegistered) { "$this is in use: a selector, or another connection, waits on it" }
}

/** Unix channels don't know the options of TCP. */
internal fun <T : Any> NetworkChannel.setIfSupported(
    option: SocketOption<T>,
    value: T,
) {
    if (option in supportedOptions()) setOption(option, value)
}
