package dev.sluice.net

import dev.sluice.Connection
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.io.IOException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.StandardSocketOptions
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import java.nio.file.Files
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
    val loop = loopFrom(null)
    val (left, right) = unixOrTcp(loop) { unixPair(it) }
    val limits = ConnectOptions.Default.limits
    val first =
        try {
            limits.connect(left, loop)
        } catch (e: IOException) {
            right.close()
            throw e
        }
    try {
        return first to limits.connect(right, loop)
    } catch (e: IOException) {
        first.abort()
        throw e
    }
}

internal typealias Channels = Pair<SocketChannel, SocketChannel>

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
    var made: Channels? = null
    try {
        withContext(Dispatchers.IO) { inPrivateFolder { made = unixPairAt(it, loop) } }
        return made!!
    } catch (e: Throwable) {
        made?.toList()?.forEach { it.close() }
        throw e
    }
}

private suspend fun unixPairAt(
    file: Path,
    loop: EventLoop,
): Channels =
    Listener(UnixSockets.bind(loop, file, 1), loop).use { listener ->
        pair(listener) { UnixSockets.connect(loop, file) }
    }

/** In a folder that is this user's alone, so that nobody else can come first. */
private inline fun inPrivateFolder(use: (Path) -> Unit) {
    val folder = Files.createTempDirectory("sluice")
    val file = folder.resolve("pair")
    try {
        use(file)
    } finally {
        Files.deleteIfExists(file)
        Files.delete(folder)
    }
}

internal suspend fun tcpPair(loop: EventLoop): Channels =
    Listener(bindLoopback(), loop).use { listener ->
        val address = listener.address as InetSocketAddress
        val channels = pair(listener) { TcpConnecting(loop, address.hostString, ConnectOptions.Default).connect(address) }
        channels.also { (_, accepted) -> accepted.setOption(StandardSocketOptions.TCP_NODELAY, true) }
    }

private fun bindLoopback(): ServerSocketChannel {
    val channel = ServerSocketChannel.open()
    try {
        channel.configureBlocking(false)
        return channel.bind(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1)
    } catch (e: IOException) {
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
private suspend fun partnerOf(
    channel: SocketChannel,
    listener: Listener,
): SocketChannel {
    while (true) {
        val accepted = listener.accept()
        when {
            accepted == null -> listener.awaitClient()
            accepted.remoteAddress == channel.localAddress -> return accepted.apply { configureBlocking(false) }
            else -> accepted.close()
        }
    }
}
