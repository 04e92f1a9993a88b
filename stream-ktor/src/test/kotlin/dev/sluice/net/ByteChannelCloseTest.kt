package dev.sluice.net

import dev.sluice.CloseTimeoutException
import dev.sluice.Connection
import dev.sluice.ConnectionResetException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.ktor.network.selector.SelectorManager
import io.ktor.network.sockets.InetSocketAddress
import io.ktor.network.sockets.aSocket
import io.ktor.utils.io.ByteChannel
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.ByteWriteChannel
import io.ktor.utils.io.toByteArray
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import java.net.ServerSocket
import java.net.SocketException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import java.net.InetSocketAddress as JavaAddress
import java.net.Socket as PeerSocket

/** The end of a connection over byte channels of Ktor's that still have what was written. */
internal class ByteChannelCloseTest :
    FunSpec({
        test("awaitClosed returns when a full channel has let go of its writer") {
            for (kind in Full.entries) {
                val channel = ByteChannel()
                val connection = kind.connection(channel)
                connection.close()
                val closed = closing(connection)
                closed.isCompleted shouldBe false
                withTimeout(30.seconds) { channel.toByteArray() } shouldBe FILL
                withTimeout(30.seconds) { closed.await() }.getOrThrow()
            }
        }

        test("W-038 a channel that takes nothing for closeTimeout is given up, and awaitClosed says so") {
            for (kind in Full.entries) {
                val channel = ByteChannel()
                val connection = kind.connection(channel, closeTimeout = 100.milliseconds)
                connection.close()
                withTimeout(30.seconds) {
                    shouldThrow<CloseTimeoutException> { connection.awaitClosed() }.message!! shouldContain "within 100ms"
                }
                channel.closedCause!!.message!! shouldContain "aborted by its writer"
            }
        }

        test("abort ends a close that waits for a full channel, also one that knows no end") {
            for (channel in listOf(ByteChannel(), Stuck(ByteChannel()))) {
                val connection = connectionOver(channel)
                connection.writer.write(FILL)
                connection.close()
                val closed = closing(connection)
                closed.isCompleted shouldBe false
                connection.abort()
                withTimeout(30.seconds) { closed.await() }.getOrThrow()
                channel.closedCause!!.message!! shouldContain "aborted by its writer"
            }
        }

        test("a failure of the last flush is what awaitClosed throws, each time") {
            for (kind in Full.entries) {
                val channel = ByteChannel()
                val connection = kind.connection(channel)
                connection.close()
                val closed = closing(connection)
                channel.cancel(SocketException("Broken pipe"))
                withTimeout(30.seconds) { closed.await() }
                repeat(2) {
                    shouldThrow<ConnectionResetException> { connection.awaitClosed() }.message!! shouldContain "Broken pipe"
                }
            }
        }

        test("a reader that goes when it has everything is no failure of a close") {
            val channel = ByteChannel()
            val connection = connectionOver(channel)
            connection.writer.write("all")
            channel.cancel(SocketException("enough"))
            connection.close()
            withTimeout(30.seconds) { connection.awaitClosed() }
        }

        test("awaitClosed over a wrapped socket returns when its peer's system has everything") {
            overFullSocket { connection, peer ->
                connection.close()
                val closed = closing(connection)
                closed.isCompleted shouldBe false
                withContext(Dispatchers.IO) { peer.getInputStream().readAllBytes() } shouldBe SMALLER
                withTimeout(30.seconds) { closed.await() }.getOrThrow()
            }
        }

        test("W-038 the peer of a wrapped socket that takes nothing for closeTimeout is given up") {
            overFullSocket(closeTimeout = 100.milliseconds) { connection, _ ->
                connection.close()
                withTimeout(30.seconds) { shouldThrow<CloseTimeoutException> { connection.awaitClosed() } }
            }
        }

        test("abort ends a close of a wrapped socket that waits for its peer") {
            overFullSocket { connection, _ ->
                connection.close()
                connection.abort()
                withTimeout(30.seconds) { connection.awaitClosed() }
            }
        }

        test("a peer of a wrapped socket that is gone before it has everything is what awaitClosed throws") {
            overFullSocket { connection, peer ->
                connection.close()
                peer.setSoLinger(true, 0)
                peer.close()
                withTimeout(30.seconds) { shouldThrow<ConnectionResetException> { connection.awaitClosed() } }
            }
        }
    })

/** As much as a channel has room for: its writer waits, and has nothing left of its own. */
private val FILL = pattern(1 shl 20)

/** More than a socket with small buffers takes, and less than a channel does. */
private val SMALLER = pattern(1 shl 19)

/** Where the last flush waits: in the one that the sink began with the bytes, or, too, after `writeEof()`. */
private enum class Full(
    val end: (Connection) -> Unit,
) {
    WRITTEN({}),
    ENDED({ it.writer.writeEof() }),
    ;

    fun connection(
        channel: ByteWriteChannel,
        closeTimeout: Duration = 30.seconds,
    ): Connection =
        connectionOver(channel, closeTimeout).also {
            it.writer.write(FILL)
            it.writer.pending shouldBe 0
            end(it)
        }
}

private fun connectionOver(
    channel: ByteWriteChannel,
    closeTimeout: Duration = 30.seconds,
) = Connection(ByteChannelTransport(ByteReadChannel.Empty, channel), closeTimeout = closeTimeout)

private fun kotlinx.coroutines.CoroutineScope.closing(connection: Connection): Deferred<Result<Unit>> =
    async(start = CoroutineStart.UNDISPATCHED) { runCatching { connection.awaitClosed() } }

/** Its flush never returns. */
private class Stuck(
    private val inner: ByteChannel,
) : ByteWriteChannel by inner {
    override suspend fun flush() = awaitCancellation()

    override suspend fun flushAndClose() = awaitCancellation()
}

/** A connection that has handed everything on, to a peer whose system has no room for it. */
private suspend fun overFullSocket(
    closeTimeout: Duration = 30.seconds,
    use: suspend kotlinx.coroutines.CoroutineScope.(Connection, PeerSocket) -> Unit,
): Unit =
    leavingNothing {
        SelectorManager(Dispatchers.IO).use { selector ->
            ServerSocket().use { listener ->
                listener.receiveBufferSize = 4096
                listener.bind(JavaAddress("127.0.0.1", 0))
                val address = InetSocketAddress("127.0.0.1", listener.localPort)
                val socket = aSocket(selector).tcp().connect(address) { sendBufferSize = 4096 }
                val connection = WrappedSocket(socket).asConnection(ConnectOptions { this.closeTimeout = closeTimeout })
                listener.accept().use { peer ->
                    connection.writer.write(SMALLER)
                    connection.writer.drain()
                    coroutineScope { use(connection, peer) }
                }
                withTimeout(30.seconds) { socket.socketContext.join() }
            }
        }
    }
