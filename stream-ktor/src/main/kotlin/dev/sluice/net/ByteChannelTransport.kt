package dev.sluice.net

import dev.sluice.StreamInfo
import dev.sluice.transport.ByteSink
import dev.sluice.transport.ByteSource
import dev.sluice.transport.Transport
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.ByteWriteChannel

/**
 * A transport over two byte channels of Ktor's.
 *
 * @param onEnd releases what the channels belong to, when all that was written is with them
 */
internal class ByteChannelTransport private constructor(
    private val input: ByteChannelSource,
    private val output: ByteChannelSink,
    override val info: StreamInfo,
) : Transport,
    ByteSource by input,
    ByteSink by output {
    constructor(
        input: ByteReadChannel,
        output: ByteWriteChannel,
        info: StreamInfo = StreamInfo.None,
        onEnd: () -> Unit = {},
    ) : this(ByteChannelSource(input, info), ByteChannelSink(output, info, onEnd), info)

    override fun close() {
        output.close()
        input.close()
    }

    override fun abort() {
        output.abort()
        input.abort()
    }

    override fun toString(): String = "ByteChannelTransport($input, $output)"
}
