package dev.sluice

import dev.sluice.transport.BufferingSink
import dev.sluice.transport.ClosesLater
import java.nio.ByteBuffer

/**
 * A writer as the sink of another one, which changes what goes through. A drain of the other one waits for this writer, too, and its end is
 * the end of this one.
 */
internal abstract class WriterSink(
    private val below: StreamWriter,
) : BufferingSink,
    ClosesLater,
    StreamInfo by below.info {
    val isInLoop: Boolean get() = below.isInLoop

    override val canWriteEof: Boolean get() = below.canWriteEof

    override fun tryWrite(from: ByteBuffer): Int {
        if (!isFlushed()) return 0
        val start = from.position()
        below.writeAtMost(from)
        return from.position() - start
    }

    override fun isFlushed(): Boolean = below.isDrained()

    override suspend fun awaitWritable(): Unit = below.drain()

    override fun writeEof(): Unit = below.writeEof()

    override fun close(): Unit = below.close()

    fun abort(cause: Throwable): Unit = below.abort(cause)

    override suspend fun awaitDelivered(): Unit = below.awaitClosed()

    override suspend fun awaitReleased(): Unit = below.awaitClosed()

    override fun toString(): String = below.info.toString()
}
