package dev.sluice.net

import dev.sluice.ConnectionResetException
import dev.sluice.StreamClosedException
import dev.sluice.StreamInfo
import dev.sluice.transport.ByteSink
import dev.sluice.transport.ClosesLater
import io.ktor.network.sockets.ASocket
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.ByteWriteChannel
import io.ktor.utils.io.writeAvailable
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch
import kotlinx.coroutines.selects.select
import java.io.IOException
import java.nio.ByteBuffer
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicReference

/**
 * Bytes into a Ktor channel. Each write begins a flush, which hands the bytes on at once and only then waits where the channel is full;
 * nothing more is taken until it has ended. What is still on its way then is delivered after a [close].
 *
 * The channel itself bears one caller at a time: [busy] is who that is, and a [close] that comes meanwhile leaves the rest to it.
 *
 * @param socket what the channel leads to: it is closed with it
 * @param delivery who brings the bytes from the channel to the socket
 */
internal class ByteChannelSink(
    private val channel: ByteWriteChannel,
    private val info: StreamInfo = StreamInfo.None,
    private val socket: ASocket? = null,
    private val delivery: Job? = null,
) : ByteSink,
    ClosesLater {
    private val busy = AtomicBoolean()

    /** How this side ended it. */
    private val ended = AtomicReference<String?>()

    /** Ends a wait of the writer's, while a flush may go on. */
    private val ending = Job()

    @Volatile
    private var flush: Job? = null

    /** Under way, or done, once the output has ended; as [busy]. */
    @Volatile
    private var outputEnd: Job? = null

    @Volatile
    private var failure: IOException? = null

    private val released = Job()

    val isClosing: Boolean get() = ended.get() != null

    override fun tryWrite(from: ByteBuffer): Int {
        checkOpen()
        if (flush?.isActive == true || !from.hasRemaining()) return 0
        return alone {
            if (outputEnd != null) throw IOException("the output of ${info.connection} was ended by writeEof()")
            val count = failing { channel.write(from) }
            flush = inBackground { channel.flush() }
            count
        }
    }

    override suspend fun awaitWritable() {
        checkOpen()
        val flush = flush
        if (flush != null && flush.isActive) {
            select {
                flush.onJoin { }
                ending.onJoin { }
            }
        }
        checkOpen()
    }

    override val canWriteEof: Boolean get() = true

    override fun writeEof() {
        checkOpen()
        alone {
            failing { channel.closedCause?.let { throw it } }
            endOutput()
        }
    }

    override fun close() {
        if (!end("was closed by this side")) return
        if (busy.compareAndSet(false, true)) leave()
    }

    /** Also of one that is being closed. */
    fun abort() {
        end("was aborted by this side")
        if (released.isCompleted) return
        channel.cancel(IOException("the byte channel was aborted by its writer"))
        if (socket == null) released.complete() else abort(socket)
    }

    private fun abort(socket: ASocket) {
        // By itself the socket would first deliver what it has. Its own job is left alone: its close() is a coroutine of that, and one that is
        // cancelled before it began would leave the descriptor open for ever.
        delivery?.cancel()
        socket.close()
        socket.socketContext.invokeOnCompletion { released.complete() }
    }

    override suspend fun awaitDelivered() {
        released.join()
        failure?.let { throw it }
    }

    override suspend fun awaitReleased(): Unit = released.join()

    private fun end(how: String): Boolean = ended.compareAndSet(null, how).also { if (it) ending.complete() }

    private inline fun <T> alone(use: () -> T): T {
        if (!busy.compareAndSet(false, true)) throw closed()
        try {
            return use()
        } finally {
            leave()
        }
    }

    /** After a [close] nobody is let in again. */
    private fun leave() {
        if (ended.get() == null) {
            busy.set(false)
            if (ended.get() == null || !busy.compareAndSet(false, true)) return
        }
        inBackground { deliver() }.invokeOnCompletion { released.complete() }
    }

    private suspend fun deliver() {
        endOutput().join()
        if (socket == null) return
        socket.close()
        socket.socketContext.join()
        // The coroutine of Ktor's between the two keeps to itself what it meets after the channel was closed.
        channel.closedCause?.let { throw it }
        if (channel is ByteReadChannel && !channel.isClosedForRead) {
            throw ConnectionResetException("${info.connection} was lost before everything was written")
        }
    }

    private fun endOutput(): Job = outputEnd ?: inBackground { closeChannel() }.also { outputEnd = it }

    private suspend fun closeChannel() {
        // One flush at a time is what a channel bears.
        flush?.join()
        channel.flushAndClose()
    }

    private fun inBackground(work: suspend () -> Unit): Job =
        CoroutineScope(Dispatchers.Unconfined).launch(start = CoroutineStart.UNDISPATCHED) {
            try {
                work()
            } catch (e: Exception) {
                failed(e)
            }
        }

    private fun checkOpen() {
        if (isClosing) throw closed()
        failure?.let { throw it }
    }

    private fun closed() = StreamClosedException("${info.connection} ${ended.get()}")

    private inline fun <T> failing(use: () -> T): T =
        try {
            use()
        } catch (e: Exception) {
            throw if (isClosing) closed() else failed(e)
        }

    private fun failed(cause: Exception): IOException = failure ?: info.channelFailure(cause).also { failure = it }

    override fun toString(): String = "ByteChannelSink($channel)"

    private companion object {
        /** What one call takes at most: the channel's own bound is looked at after each. */
        const val MOST = 64 * 1024

        fun ByteWriteChannel.write(from: ByteBuffer): Int {
            val before = from.position()
            from.limited(MOST) { writeAvailable(it) }
            return from.position() - before
        }
    }
}
