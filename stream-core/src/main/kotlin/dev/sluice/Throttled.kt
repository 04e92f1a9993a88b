@file:JvmName("Throttled")

package dev.sluice

import java.nio.ByteBuffer
import java.util.concurrent.atomic.AtomicInteger

/**
 * This reader, no faster than [throttle] lets it. Closing the result closes this reader, which is not to be read by others meanwhile.
 */
public fun StreamReader.throttled(throttle: Throttle): StreamReader = StreamReader(ThrottledSource(this, throttle), limit)

/**
 * This writer, no faster than [throttle] lets it. A write never waits here either: what may not pass yet is
 * [pending][StreamWriter.pending], and a drain waits for it. Closing and aborting the result is closing and aborting this writer.
 */
public fun StreamWriter.throttled(throttle: Throttle): StreamWriter = over(ThrottledSink(this, throttle))

private class ThrottledSource(
    below: StreamReader,
    throttle: Throttle,
) : ReaderSource(below) {
    private val share = Share(throttle)

    override fun tryRead(into: ByteBuffer): Int = share.pass(into) { super.tryRead(it) }

    override suspend fun awaitReadable() {
        super.awaitReadable()
        share.await()
    }

    override fun close() {
        super.close()
        share.close()
    }
}

private class ThrottledSink(
    below: StreamWriter,
    throttle: Throttle,
) : WriterSink(below) {
    private val share = Share(throttle)

    override fun tryWrite(from: ByteBuffer): Int = share.pass(from) { super.tryWrite(it) }

    override suspend fun awaitWritable() {
        if (isFlushed()) share.await() else super.awaitWritable()
    }

    override fun close() {
        super.close()
        share.close()
    }
}

/** What one stream has of a [throttle]: nothing, but between the end of its wait and its next step. */
private class Share(
    private val throttle: Throttle,
) {
    private val waitedFor = AtomicInteger()

    /** Lets [move] have as much of [buffer] as may pass now. */
    inline fun pass(
        buffer: ByteBuffer,
        move: (ByteBuffer) -> Int,
    ): Int {
        if (!buffer.hasRemaining()) return move(buffer)
        val waited = waitedFor.getAndSet(0)
        val most = if (waited > 0) waited else throttle.takeNow(buffer.remaining())
        if (most == 0) return 0
        var moved = 0
        try {
            moved = buffer.limited(most, move)
            return moved
        } finally {
            throttle.giveBack(most - maxOf(moved, 0))
        }
    }

    suspend fun await() {
        if (waitedFor.get() == 0) waitedFor.set(throttle.take())
    }

    fun close(): Unit = throttle.giveBack(waitedFor.getAndSet(0))
}
