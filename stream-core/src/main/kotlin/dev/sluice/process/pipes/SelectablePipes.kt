@file:NotOnAndroid

package dev.sluice.process.pipes

import dev.sluice.NotOnAndroid
import java.io.File
import java.io.InputStream
import java.nio.channels.Pipe
import java.nio.channels.SelectableChannel

/**
 * Pipes of this program's own, whose far ends the child is given by the name that Linux has for them. One thread watches the near ends of
 * all children, nothing ever blocks, and what a grandchild writes after the child's end is not lost.
 */
@NotOnAndroid
internal class SelectablePipes(
    private val numbers: PipeNumbers,
    private val loop: PipeLoop,
) : PipeWay {
    override fun input(): Plug<ChildInput> =
        plugging { pipe, ends ->
            PipePlug(
                pipe.source(),
                pipe.sink(),
                ProcessBuilder.Redirect.from(fileOf(ends.source)),
            ) { PipeInput(pipe.sink(), loop, it) }
        }

    override fun output(pipeOf: (Process) -> InputStream): Plug<ChildOutput> =
        plugging { pipe, ends ->
            PipePlug(
                pipe.sink(),
                pipe.source(),
                ProcessBuilder.Redirect.to(fileOf(ends.sink)),
            ) { PipeOutput(pipe.source(), loop, it) }
        }

    private inline fun <T> plugging(plug: (Pipe, PipeNumbers.Ends) -> Plug<T>): Plug<T> {
        val pipe = Pipe.open()
        try {
            return plug(pipe, numbers.of(pipe))
        } catch (e: Throwable) {
            pipe.source().close()
            pipe.sink().close()
            throw e
        }
    }

    private fun fileOf(number: Int) = File("/proc/self/fd/$number")
}

/** @param far belongs to the child, which has opened it anew when it was started */
@NotOnAndroid
private class PipePlug<T>(
    private val far: SelectableChannel,
    private val near: SelectableChannel,
    override val redirect: ProcessBuilder.Redirect,
    private val open: (String) -> T,
) : Plug<T> {
    override fun connect(
        process: Process,
        name: String,
    ): T {
        far.close()
        return open(name)
    }

    override fun discard() {
        far.close()
        near.close()
    }
}
