package dev.sluice.net

import dev.sluice.Connection
import java.nio.ByteBuffer
import java.nio.channels.SocketChannel
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** The kinds of sockets, for tests that hold for all of them. */
internal enum class SocketKind {
    TCP,
    UNIX,
    ;

    suspend fun channels(loop: EventLoop): Pair<SocketChannel, SocketChannel> =
        when (this) {
            TCP -> tcpPair(loop)
            UNIX -> unixPair(loop)
        }

    suspend fun transports(loop: EventLoop): Pair<ChannelTransport, ChannelTransport> {
        val (left, right) = channels(loop)
        return ChannelTransport(left, loop) to ChannelTransport(right, loop)
    }

    suspend fun connections(
        loop: EventLoop,
        closeTimeout: Duration = 30.seconds,
    ): Pair<Connection, Connection> {
        val (left, right) = transports(loop)
        return Connection(left, closeTimeout = closeTimeout, background = loop) to
            Connection(right, closeTimeout = closeTimeout, background = loop)
    }

    /** A connection, and its peer as a channel in the hands of the test, which blocks. */
    suspend fun connectionAndPeer(
        loop: EventLoop,
        closeTimeout: Duration = 30.seconds,
    ): Pair<Connection, SocketChannel> {
        val (left, right) = channels(loop)
        // Ktor's connecting may have registered the left one; the right one is free.
        right.configureBlocking(true)
        return Connection(ChannelTransport(left, loop), closeTimeout = closeTimeout, background = loop) to right
    }
}

internal fun SocketChannel.send(bytes: ByteArray) {
    val buffer = ByteBuffer.wrap(bytes)
    while (buffer.hasRemaining()) write(buffer)
}

/** Everything until the end. */
internal fun SocketChannel.receiveAll(): ByteArray {
    val received = java.io.ByteArrayOutputStream()
    val buffer = ByteBuffer.allocate(64 * 1024)
    while (read(buffer.clear()) >= 0) received.write(buffer.array(), 0, buffer.position())
    return received.toByteArray()
}

internal fun SocketChannel.receive(count: Int): ByteArray {
    val buffer = ByteBuffer.allocate(count)
    while (buffer.hasRemaining()) if (read(buffer) < 0) break
    return buffer.array().copyOf(buffer.position())
}

/** Bytes that tell their place, so that a lost or doubled one shows. */
internal fun pattern(count: Int): ByteArray = ByteArray(count) { (it * 31 + it / 251).toByte() }

internal suspend fun withLoop(work: suspend (EventLoop) -> Unit) {
    val loops = EventLoops(threads = 1, name = "test-loop")
    try {
        work(loops.next())
    } finally {
        loops.close()
    }
}
