@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.ConnectionResetException
import dev.sluice.NotOnAndroid
import dev.sluice.StreamInfo
import dev.sluice.transport.ByteSink
import dev.sluice.transport.ByteSource
import java.nio.ByteBuffer

/** A source of which something is known. */
@NotOnAndroid
internal class OutputSource(
    output: ByteSource,
    info: StreamInfo,
) : ByteSource by output,
    StreamInfo by info

/** A sink of which something is known. */
@NotOnAndroid
internal class InputSink(
    input: ByteSink,
    info: StreamInfo,
) : ByteSink by input,
    StreamInfo by info

/** An output that can't be read here, which reading says. */
@NotOnAndroid
internal class UnreadableOutput(
    private val stream: String,
    private val type: StreamType,
) : ByteSource {
    override fun tryRead(into: ByteBuffer): Int = refuse()

    override suspend fun awaitReadable(): Unit = refuse()

    override fun close(): Unit = Unit

    private fun refuse(): Nothing = error("$stream can't be read: it is StreamType.$type, and only StreamType.PIPE can")
}

/** An output that all went elsewhere. */
@NotOnAndroid
internal object EmptyOutput : ByteSource {
    override fun tryRead(into: ByteBuffer): Int = -1

    override suspend fun awaitReadable(): Unit = Unit

    override fun close(): Unit = Unit
}

/** The input of what does not exist. */
@NotOnAndroid
internal object NoInput : ByteSink {
    override val canWriteEof: Boolean get() = true

    override fun tryWrite(from: ByteBuffer): Int =
        throw ConnectionResetException("this sandbox has no main command that would read it")

    override suspend fun awaitWritable(): Unit = Unit

    override fun writeEof(): Unit = Unit

    override fun close(): Unit = Unit
}
