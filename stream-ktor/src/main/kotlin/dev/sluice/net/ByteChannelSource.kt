package dev.sluice.net

import dev.sluice.StreamClosedException
import dev.sluice.StreamInfo
import dev.sluice.transport.ByteSource
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.readAvailable
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import java.io.IOException
import java.nio.ByteBuffer
import java.util.concurrent.atomic.AtomicReference

/** Bytes out of a Ktor channel. Closing it cancels the channel, so that whoever writes to it learns that nobody reads any more. */
internal class ByteChannelSource(
    private val channel: ByteReadChannel,
    private val info: StreamInfo = StreamInfo.None,
) : ByteSource {
    /** How this side ended it. */
    private val ended = AtomicReference<String?>()

    /** Kept because a wait may meet one of which the channel knows nothing later. */
    @Volatile
    private var failure: IOException? = null

    override fun tryRead(into: ByteBuffer): Int {
        checkOpen()
        if (!into.hasRemaining()) return 0
        val before = into.position()
        try {
            while (into.hasRemaining() && channel.readAvailable { it.moveTo(into) } > 0) continue
            if (into.position() == before) return nothing()
        } catch (e: Exception) {
            if (into.position() == before) throw failed(e)
        }
        return into.position() - before
    }

    /** -1 at the end. */
    private fun nothing(): Int {
        // Before the cause: a channel that is cancelled meanwhile is closed, too.
        val isAtEnd = channel.isClosedForRead
        failure?.let { throw it }
        channel.closedCause?.let { throw it }
        return if (isAtEnd) -1 else 0
    }

    override suspend fun awaitReadable() {
        checkOpen()
        try {
            channel.awaitContent()
        } catch (e: Exception) {
            currentCoroutineContext().ensureActive()
            // tryRead tells.
            failed(e)
        }
        checkOpen()
    }

    override fun close(): Unit = end("was closed by this side")

    fun abort(): Unit = end("was aborted by this side")

    private fun end(how: String) {
        if (ended.compareAndSet(null, how)) channel.cancel(IOException("the byte channel was closed by its reader"))
    }

    private fun checkOpen() {
        ended.get()?.let { throw StreamClosedException("${info.connection} $it") }
    }

    private fun failed(cause: Exception): IOException {
        ended.get()?.let { return StreamClosedException("${info.connection} $it", cause) }
        return failure ?: info.channelFailure(cause).also { failure = it }
    }

    override fun toString(): String = "ByteChannelSource($channel)"
}

private fun ByteBuffer.moveTo(into: ByteBuffer): Int {
    val before = position()
    limited(into.remaining()) { into.put(it) }
    return position() - before
}
