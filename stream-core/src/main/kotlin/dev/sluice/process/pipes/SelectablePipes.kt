@file:NotOnAndroid

package dev.sluice.process.pipes

import dev.sluice.NotOnAndroid
import java.io.File
import java.io.InputStream
import java.lang.ProcessBuilder.Redirect
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
    override fun pipes(): ChildPipes = SelectableChildPipes(numbers, loop)
}

@NotOnAndroid
private class SelectableChildPipes(
    private val numbers: PipeNumbers,
    private val loop: PipeLoop,
) : ChildPipes {
    private val inputs = ArrayList<Pipe>(1)
    private val outputs = ArrayList<Pipe>(2)

    /** Asked for when all pipes are there, and of all at once: that is what takes the time. */
    private val farEnds: Map<Pipe, Int> by lazy { numbers.farEnds(inputs.single(), outputs) }

    override fun input(): Plug<ChildInput> {
        val pipe = openTo(inputs)
        val near = pipe.sink()
        return PipePlug(pipe.source(), near, { Redirect.from(fileOf(pipe)) }) { PipeInput(near, loop, it) }
    }

    override fun output(pipeOf: (Process) -> InputStream): Plug<ChildOutput> {
        val pipe = openTo(outputs)
        val near = pipe.source()
        return PipePlug(pipe.sink(), near, { Redirect.to(fileOf(pipe)) }) { PipeOutput(near, loop, it) }
    }

    private fun openTo(pipes: MutableList<Pipe>): Pipe {
        val pipe = Pipe.open()
        pipe.source().configureBlocking(false)
        pipe.sink().configureBlocking(false)
        pipes += pipe
        return pipe
    }

    private fun fileOf(pipe: Pipe) = File("/proc/self/fd/${farEnds.getValue(pipe)}")
}

/** @param far belongs to the child, which has opened it anew when it was started */
@NotOnAndroid
private class PipePlug<T>(
    private val far: SelectableChannel,
    private val near: SelectableChannel,
    private val redirecting: () -> Redirect,
    private val open: (String) -> T,
) : Plug<T> {
    override val redirect: Redirect get() = redirecting()

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
