package dev.sluice.testing

import dev.sluice.StreamInfo
import dev.sluice.UnwatchedInfo
import dev.sluice.transport.Transport
import java.nio.ByteBuffer

/** One side of an in-memory connection: the reading end of one pipe and the writing end of another. */
internal class MemoryTransport(
    private val incoming: MemoryPipe,
    private val outgoing: MemoryPipe,
) : Transport {
    override val info: StreamInfo get() = UnwatchedInfo.InMemory

    override val canWriteEof: Boolean get() = true

    override fun tryRead(into: ByteBuffer): Int = incoming.tryRead(into)

    override suspend fun awaitReadable() = incoming.awaitReadable()

    override fun tryWrite(from: ByteBuffer): Int = outgoing.tryWrite(from)

    override suspend fun awaitWritable() = outgoing.awaitWritable()

    override fun writeEof() = outgoing.writeEof()

    override fun close() = end(abort = false)

    override fun abort() = end(abort = true)

    private fun end(abort: Boolean) {
        outgoing.closeOutput(abort)
        incoming.closeInput(abort)
    }
}
