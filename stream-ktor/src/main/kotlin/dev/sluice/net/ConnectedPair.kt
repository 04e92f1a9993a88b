package dev.sluice.net

import dev.sluice.Connection
import java.io.IOException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.StandardSocketOptions
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import java.nio.file.Path

/**
 * Two connections that are connected to each other, as Python's `socket.socketpair`: over a Unix socket where there are any, else over
 * TCP of this machine. Their addresses may be empty.
 *
 * **Cancel safety**: a cancelled call closes what it opened.
 *
 * ```kotlin
 * val (left, right) = connectedPair()
 * left.writer.write("ping\n")
 * check(right.reader.readLine() == "ping")
 * ```
 */
public suspend fun connectedPair(): Pair<Connection, Connection> {
    val limits = ConnectOptions.Default.limits
    val loop = loopFrom(null)
    val (left, right) = unixOrTcp(loop) { unixPair(it) }
    val first =
        try {
            limits.connect(left, loop)
        } catch (e: Throwable) {
            right.close()
            throw e
        }
    try {
        return first to limits.connect(right, loop)
    } catch (e: Throwable) {
        first.abort()
        throw e
    }
}

internal typealias Channels = Pair<SocketChannel, SocketChannel>

private fun Channels.close() {
    first.close()
    second.close()
}

/** TCP where [unix] finds no place for its sockets: an old system, or a folder for temporary files with too long a path. */
internal suspend fun unixOrTcp(
    loop: EventLoop,
    unix: suspend (EventLoop) -> Channels,
): Channels =
    try {
        unix(loop)
    } catch (_: UnsupportedOperationException) {
        tcpPair(loop)
    } catch (_: IOException) {
        tcpPair(loop)
    }

internal suspend fun unixPair(loop: EventLoop): Channels {
    UnixSockets.checkSupported()
    return madeOnIo(Channels::close) { inPrivateFolder { unixPairAt(it, loop) } }
}

private suspend fun unixPairAt(
    file: Path,
    loop: EventLoop,
): Channels =
    Listener(UnixSockets.bind(loop, file, 1), loop).use { listener ->
        pair(listener) { UnixSockets.connect(loop, file) }
    }

internal suspend fun tcpPair(loop: EventLoop): Channels =
    Listener(bindLoopback(), loop).use { listener ->
        val address = listener.address as InetSocketAddress
        pair(listener) { TcpConnecting(loop, address.hostString, ConnectOptions.Default).connect(address) }
    }

private fun bindLoopback(): ServerSocketChannel {
    val channel = ServerSocketChannel.open()
    try {
        channel.configureBlocking(false)
        return channel.bind(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1)
    } catch (e: Throwable) {
        channel.close()
        throw e
    }
}

private suspend fun pair(
    listener: Listener,
    connect: suspend () -> SocketChannel,
): Channels {
    val left = connect()
    try {
        return left to partnerOf(left, listener)
    } catch (e: Throwable) {
        left.close()
        throw e
    }
}

/** What comes is the partner, unless somebody else found the listener. */
internal suspend fun partnerOf(
    channel: SocketChannel,
    listener: ClientSource,
): SocketChannel {
    while (true) {
        val accepted = listener.accept()
        when {
            accepted == null -> listener.awaitClient()
            accepted.isReadyFor(channel) -> return accepted
        }
    }
}

/** Whether it is connected to [partner], and is then as a connection's channel should be; otherwise it is closed. */
private fun SocketChannel.isReadyFor(partner: SocketChannel): Boolean {
    var isReady = false
    try {
        if (remoteAddress == partner.localAddress) {
            configureBlocking(false)
            setIfSupported(StandardSocketOptions.TCP_NODELAY, true)
            isReady = true
        }
        return isReady
    } finally {
        if (!isReady) close()
    }
}
