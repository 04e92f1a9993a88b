package dev.sluice.net

import dev.sluice.StreamInfo
import dev.sluice.transport.ByteSink
import dev.sluice.transport.ByteSource
import dev.sluice.transport.ClosesLater
import dev.sluice.transport.Transport
import io.ktor.network.sockets.ASocket
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.ByteWriteChannel
import kotlinx.coroutines.Job

/** A transport over two byte channels of Ktor's. */
internal class ByteChannelTransport private constructor(
    private val input: ByteChannelSource,
    private val output: ByteChannelSink,
    override val info: StreamInfo,
) : Transport,
    ByteSource by input,
    ByteSink by output,
    ClosesLater by output {
    /**
     * @param socket what the channels belong to: it is closed when it has all that was written
     * @param delivery who brings it there from [output]
     */
    constructor(
        input: ByteReadChannel,
        output: ByteWriteChannel,
        info: StreamInfo = StreamInfo.None,
        socket: ASocket? = null,
        delivery: Job? = null,
    ) : this(ByteChannelSource(input, info), ByteChannelSink(output, info, socket, delivery), info)

    val isClosing: Boolean get() = output.isClosing

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
