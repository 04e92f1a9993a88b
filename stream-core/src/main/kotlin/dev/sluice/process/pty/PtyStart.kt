@file:NotOnAndroid

package dev.sluice.process.pty

import com.pty4j.PtyProcess
import com.pty4j.PtyProcessBuilder
import com.pty4j.WinSize
import dev.sluice.NotOnAndroid
import dev.sluice.process.Child
import dev.sluice.process.ChildStreams
import dev.sluice.process.Invocation
import dev.sluice.process.ProcessThreads
import dev.sluice.process.ProgramLookup
import dev.sluice.process.PtySize
import dev.sluice.process.findTool
import dev.sluice.process.pipes.PumpedInput
import dev.sluice.process.pipes.PumpedOutput
import dev.sluice.process.startFailure
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Paths

/** Starts processes that have a terminal. */
@NotOnAndroid
internal object PtyStart {
    /** @param label what the process is called in messages, where that is not its program */
    fun start(
        invocation: Invocation,
        size: PtySize,
        label: String,
    ): Child {
        // The library says of none of it what was wrong.
        val program = ProgramLookup(invocation).findFile()
        val process = start(program, invocation, size, label)
        awaitProgram(process)
        val name = "$label (pid ${process.pid()})"
        val input = PumpedInput(TerminalInput(process.outputStream), ProcessThreads.pumps, "the terminal of $name")
        val output =
            PumpedOutput(
                TerminalOutput(process, process.inputStream, process.outputStream),
                ProcessThreads.pumps,
                "the terminal of $name",
            )
        return Child(process, name, ChildStreams(input, output, null), Resizing(process))
    }

    private fun start(
        program: String,
        invocation: Invocation,
        size: PtySize,
        label: String,
    ): PtyProcess =
        try {
            PtyProcessBuilder(sizing(size, listOf(program) + invocation.command.drop(1)).toTypedArray())
                .setEnvironment(mapOf("TERM" to TERM) + invocation.env)
                .setDirectory((invocation.workDir?.toString()))
                .setInitialColumns(size.columns)
                .setInitialRows(size.rows)
                .start()
        } catch (e: IOException) {
            throw startFailure(label, e)
        }

    /** The library sets the size when the program runs already, and may have asked for it: so it is set before, by the child itself. */
    private fun sizing(
        size: PtySize,
        command: List<String>,
    ): List<String> {
        val stty = findTool("stty") ?: return command
        return listOf("/bin/sh", "-c", "\"$0\" rows ${size.rows} cols ${size.columns}; exec \"$@\"", stty) + command
    }

    /** The library returns when the child is still a copy of this program: with its handlers, which would swallow a signal. */
    private fun awaitProgram(process: PtyProcess) {
        while (process.isAlive && isCopy(process.pid())) Thread.sleep(1)
    }

    /** The program may be the same as this one. */
    private val ownCommandLine: ByteArray by lazy { Files.readAllBytes(Paths.get("/proc/self/cmdline")) }

    private fun isCopy(pid: Long): Boolean =
        try {
            Files.isSameFile(Paths.get("/proc/$pid/exe"), Paths.get("/proc/self/exe")) &&
                Files.readAllBytes(Paths.get("/proc/$pid/cmdline")).contentEquals(ownCommandLine)
        } catch (_: IOException) {
            // It has ended, or the system does not show it.
            false
        }
}

/** What a terminal of ours understands. */
internal const val TERM = "xterm-256color"

/** The window of a terminal. */
@NotOnAndroid
internal class Resizing(
    private val process: PtyProcess,
) : (PtySize) -> Unit {
    override fun invoke(size: PtySize) {
        if (process.isAlive) process.winSize = WinSize(size.columns, size.rows)
    }
}
