@file:NotOnAndroid

package dev.sluice.process.pipes

import dev.sluice.NotOnAndroid
import dev.sluice.process.ProcessThreads
import java.io.InputStream

/**
 * The JDK's own pipes, with a thread for each that is in use: for systems that have nothing better. What a grandchild writes after the
 * child's end may be lost, and a thread stays until everybody has closed the pipe.
 */
internal object PumpedPipes : PipeWay, ChildPipes {
    override fun pipes(): ChildPipes = this

    override fun input(): Plug<ChildInput> =
        JdkPlug { process, name -> PumpedInput(process.outputStream, ProcessThreads.pumps, name) }

    override fun output(pipeOf: (Process) -> InputStream): Plug<ChildOutput> =
        JdkPlug { process, name -> PumpedOutput(pipeOf(process), ProcessThreads.pumps, name) }
}

private class JdkPlug<T>(
    private val open: (Process, String) -> T,
) : Plug<T> {
    override val redirect: ProcessBuilder.Redirect get() = ProcessBuilder.Redirect.PIPE

    override fun connect(
        process: Process,
        name: String,
    ): T = open(process, name)

    override fun discard(): Unit = Unit
}
