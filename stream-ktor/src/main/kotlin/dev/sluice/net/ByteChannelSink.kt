package dev.sluice.net

import dev.sluice.StreamClosedException
import dev.sluice.StreamInfo
import dev.sluice.transport.ByteSink
import io.ktor.utils.io.BufferedByteWriteChannel
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
 * nothing more is taken until it has ended.
 *
 * The channel itself bears one caller at a time: [busy] is who that is, and a [close] that comes meanwhile leaves the rest to it.
 *
 * @param onEnd called after [close], when the channel has taken everything, and after [abort]
 */
internal class ByteChannelSink(
    private val channel: ByteWriteChannel,
    private val info: StreamInfo = StreamInfo.None,
    private val onEnd: () -> Unit = {},
) : ByteSink {
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

    fun abort() {
        if (!end("was aborted by this side")) return
        channel.cancel(IOException("the byte channel was aborted by its writer"))
        onEnd()
    }

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
        endOutput().invokeOnCompletion { onEnd() }
    }

    private fun endOutput(): Job = outputEnd ?: inBackground { closeChannel() }.also { outputEnd = it }

    private suspend fun closeChannel() {
        if (channel is BufferedByteWriteChannel) return channel.close()
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
        if (ended.get() != null) throw closed()
        failure?.let { throw it }
    }

    private fun closed() = StreamClosedException("${info.connection} ${ended.get()}")

    private inline fun <T> failing(use: () -> T): T =
        try {
            use()
        } catch (e: Exception) {
            throw failed(e)
        }

    private fun failed(cause: Exception): IOException {
        if (ended.get() != null) return closed()
        return failure ?: info.channelFailure(cause).also { failure = it }
    }

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
