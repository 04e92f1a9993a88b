package dev.sluice.net

import dev.sluice.StreamReader
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.InternalAPI
import kotlinx.io.Buffer
import kotlinx.io.Source
import java.io.IOException
import java.util.concurrent.atomic.AtomicReference

/** A reader as a Ktor channel: whoever waits for content reads it from the reader, and no more than the channel has use for. */
@OptIn(InternalAPI::class)
internal class ReaderByteChannel(
    private val reader: StreamReader,
) : ByteReadChannel {
    private val buffer = Buffer()
    private val failure = AtomicReference<IOException?>()

    @Volatile
    private var isAtEnd = false

    override val closedCause: Throwable? get() = failure.get()

    override val isClosedForRead: Boolean get() = (isAtEnd || failure.get() != null) && buffer.exhausted()

    @InternalAPI
    override val readBuffer: Source
        get() {
            if (buffer.exhausted()) failure.get()?.let { throw it }
            return buffer
        }

    override suspend fun awaitContent(min: Int): Boolean {
        while (buffer.size < min && !isAtEnd) fill()
        return buffer.size >= min
    }

    private suspend fun fill() {
        try {
            isAtEnd = reader.readAtMostTo(buffer, MOST) < 0
        } catch (e: IOException) {
            throw failed(e)
        }
    }

    /** The first one stays: what a reader says that was closed by [cancel] would hide why. */
    private fun failed(e: IOException): IOException = if (failure.compareAndSet(null, e)) e else failure.get()!!

    override fun cancel(cause: Throwable?) {
        if (isAtEnd) return
        failure.compareAndSet(null, IOException(cause?.message ?: "the channel was cancelled", cause))
        reader.close()
    }

    override fun toString(): String = "ReaderByteChannel($reader)"

    private companion object {
        const val MOST = 64L * 1024
    }
}
