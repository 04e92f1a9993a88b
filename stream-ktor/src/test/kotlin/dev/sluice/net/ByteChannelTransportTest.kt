package dev.sluice.net

import dev.sluice.testing.checkHalfCloseableStream
import dev.sluice.testing.checkOneWayStream
import dev.sluice.transport.Transport
import io.kotest.core.spec.style.FunSpec
import io.ktor.utils.io.ByteChannel
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.ByteWriteChannel

internal class ByteChannelTransportTest :
    FunSpec({
        test("a pair over byte channels keeps the contract of a half-closeable stream") {
            checkHalfCloseableStream { byteChannelPair { it } }
        }
        test("a pair over byte channels that can only be flushed with a wait keeps it, too") {
            checkHalfCloseableStream { byteChannelPair(::Plain) }
        }
        test("one direction over a byte channel keeps the contract of a one-way stream") {
            checkOneWayStream {
                val pipe = ByteChannel()
                ByteChannelTransport(ByteReadChannel.Empty, pipe) to ByteChannelTransport(pipe, ByteChannel())
            }
        }
    })

/** Hides what only Ktor's own channel can do. */
private class Plain(
    inner: ByteWriteChannel,
) : ByteWriteChannel by inner

private fun byteChannelPair(output: (ByteWriteChannel) -> ByteWriteChannel): Pair<Transport, Transport> {
    val there = ByteChannel()
    val back = ByteChannel()
    return ByteChannelTransport(back, output(there)) to ByteChannelTransport(there, output(back))
}
