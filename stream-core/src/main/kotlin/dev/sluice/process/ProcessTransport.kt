@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import dev.sluice.StreamInfo
import dev.sluice.StreamReader
import dev.sluice.StreamWriter
import dev.sluice.UnwatchedInfo
import dev.sluice.process.pipes.ChildInput
import dev.sluice.process.pipes.ChildOutput
import dev.sluice.transport.Transport
import java.nio.ByteBuffer

/** A process as a transport: it takes over from [reader] and [writer] what they have not yet passed on. */
@NotOnAndroid
internal class ProcessTransport(
    reader: StreamReader,
    private val output: ChildOutput,
    private val writer: StreamWriter,
    private val input: ChildInput,
    info: StreamInfo,
    private val process: StreamProcess,
) : Transport {
    /** The process ends it, also if everybody has forgotten it. */
    override val info: StreamInfo = UnwatchedInfo(info)

    private val inflow = reader.inflow

    init {
        // For good: from now on the reader is this.
        inflow.begin()
    }

    override fun tryRead(into: ByteBuffer): Int = if (inflow.buffer.isEmpty) output.tryRead(into) else inflow.buffer.moveTo(into)

    override suspend fun awaitReadable() {
        if (inflow.buffer.isEmpty) output.awaitReadable()
    }

    override fun tryWrite(from: ByteBuffer): Int = if (writer.pending > 0) 0 else input.tryWrite(from)

    override suspend fun awaitWritable() {
        if (writer.pending > 0) writer.drain() else input.awaitWritable()
    }

    override val canWriteEof: Boolean get() = input.canWriteEof

    override fun writeEof(): Unit = input.writeEof()

    override fun close() {
        input.close()
        output.close()
    }

    override fun abort() {
        close()
        process.close()
    }
}
