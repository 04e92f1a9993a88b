package dev.sluice.process

import dev.sluice.StreamInfo
import dev.sluice.process.pipes.PipeInput
import dev.sluice.process.pipes.PipeLoop
import dev.sluice.process.pipes.PipeOutput
import dev.sluice.process.pipes.PumpedInput
import dev.sluice.process.pipes.PumpedOutput
import dev.sluice.testing.checkOneWayStream
import dev.sluice.transport.ByteSink
import dev.sluice.transport.ByteSource
import dev.sluice.transport.Transport
import io.kotest.core.spec.style.FunSpec
import java.nio.channels.Channels
import java.nio.channels.Pipe

/** The two ends of a pipe, without a child between them. */
internal class PipeContractTest :
    FunSpec({
        test("W-034, W-052 the ends of a selectable pipe keep the contract of a one-way stream") {
            checkOneWayStream {
                val pipe = Pipe.open()
                pipe.sink().configureBlocking(false)
                pipe.source().configureBlocking(false)
                val loop = PipeLoop.shared
                OneWay(PipeInput(pipe.sink(), loop, "the input"), EmptyOutput) to
                    OneWay(NoInput, PipeOutput(pipe.source(), loop, "the output"))
            }
        }

        test("X-032, X-033 the ends of a pipe that threads pump keep it, too") {
            checkOneWayStream {
                val pipe = Pipe.open()
                val input = PumpedInput(Channels.newOutputStream(pipe.sink()), ProcessThreads.pumps, "the input")
                val output = PumpedOutput(Channels.newInputStream(pipe.source()), ProcessThreads.pumps, "the output")
                OneWay(input, EmptyOutput) to OneWay(NoInput, output)
            }
        }
    })

/** A transport of which only one half does anything. */
private class OneWay(
    private val sink: ByteSink,
    private val source: ByteSource,
) : Transport,
    ByteSink by sink,
    ByteSource by source {
    override val info: StreamInfo get() = StreamInfo.None

    override fun close() {
        sink.close()
        source.close()
    }

    override fun abort(): Unit = close()
}
