@file:NotOnAndroid

package dev.sluice.process.pipes

import dev.sluice.NotOnAndroid
import java.io.InputStream

/** A way to have a child's input and output as streams that nobody waits for in vain. */
internal interface PipeWay {
    /** For a child that is to be started. */
    fun pipes(): ChildPipes

    companion object {
        /** The best that this system has. */
        val best: PipeWay by lazy { PipeNumbers.shared?.let { SelectablePipes(it, PipeLoop.shared) } ?: PumpedPipes }
    }
}

/** The pipes of one child, from before its start. */
internal interface ChildPipes {
    /** Once. */
    fun input(): Plug<ChildInput>

    /**
     * Twice at most.
     *
     * @param pipeOf the stream that the JDK has for this output
     */
    fun output(pipeOf: (Process) -> InputStream): Plug<ChildOutput>
}
