package dev.sluice

import dev.sluice.transport.ByteSource
import java.nio.ByteBuffer

/** A reader as the source of another one, which changes what comes through. The other one has its own buffer, and closes this reader. */
internal abstract class ReaderSource(
    private val below: StreamReader,
) : ByteSource,
    StreamInfo by below.info {
    val isInLoop: Boolean get() = below.isInLoop

    override fun tryRead(into: ByteBuffer): Int = below.readNowUnwaited(into)

    override suspend fun awaitReadable() {
        below.meetsEnd()
    }

    override fun close(): Unit = below.close()

    override fun toString(): String = below.info.toString()
}
