@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import dev.sluice.process.pipes.ChildInput
import dev.sluice.process.pipes.ChildOutput
import dev.sluice.process.pipes.ChildPipes
import dev.sluice.process.pipes.PipeWay
import dev.sluice.process.pipes.Plug
import dev.sluice.process.pty.PtyStart
import java.io.IOException
import java.io.InputStream

/**
 * Starts processes on this machine. It blocks for a millisecond or two.
 *
 * @param pipesAll whether outputs are pipes whatever the options say, because more than the command's output comes through them
 * @param streamsOf what is made of the pipes' ends before anybody reads them
 * @param carrierOf how a process is reached when it runs
 */
@NotOnAndroid
internal class LocalStart(
    private val way: PipeWay = PipeWay.best,
    private val pipesAll: Boolean = false,
    private val streamsOf: (ChildStreams) -> ChildStreams = { it },
    private val carrierOf: (Process, ChildStreams) -> Carrier = { process, _ -> process.handle?.let(::LocalCarrier) ?: Gone },
) {
    /** @param label what the process is called in messages, where that is not its program */
    fun start(
        invocation: Invocation,
        options: ProcessOptions,
        label: String = invocation.command.first(),
    ): StreamProcess {
        options.pty?.let { return startWithTerminal(invocation, it, label, options) }
        val lookup = ProgramLookup(invocation)
        val program = lookup.program()
        val plugs = ArrayList<Plug<*>>()
        try {
            val pipes = way.pipes()
            val stdin = pipes.input().also { plugs += it }
            val stdout = pipes.plugFor(options.stdout, Process::getInputStream)?.also { plugs += it }
            val stderr = pipes.plugFor(options.stderr, Process::getErrorStream)?.also { plugs += it }
            val process = builder(program, invocation, options, stdin, stdout, stderr).startNaming(label, lookup)
            plugs.clear()
            val name = "$label (pid ${process.pid()})"
            val streams =
                ChildStreams(
                    stdin.connect(process, "the stdin of $name"),
                    stdout?.connect(process, "the stdout of $name"),
                    stderr?.connect(process, "the stderr of $name"),
                )
            return running(Child(process, name, streams), options)
        } finally {
            // Of a process that was not started.
            plugs.forEach(Plug<*>::discard)
        }
    }

    private fun running(
        child: Child,
        options: ProcessOptions,
    ): StreamProcess {
        val process = child.process
        val streams = streamsOf(child.streams)
        try {
            return StreamProcess(process, child.name, streams, carrierOf(process, streams), options, child.resizing)
        } catch (e: Throwable) {
            process.handle?.destroyForcibly()
            streams.close()
            throw e
        }
    }

    private fun startWithTerminal(
        invocation: Invocation,
        size: PtySize,
        label: String,
        options: ProcessOptions,
    ): StreamProcess =
        try {
            running(PtyStart.start(invocation, size, label), options)
        } catch (e: NoClassDefFoundError) {
            throw UnsupportedOperationException("pseudo-terminals need pty4j: add org.jetbrains.pty4j:pty4j to the class path", e)
        }

    private fun ChildPipes.plugFor(
        type: StreamType,
        pipeOf: (Process) -> InputStream,
    ): Plug<ChildOutput>? = if (pipesAll || type == StreamType.PIPE || type == StreamType.STDOUT) output(pipeOf) else null

    private fun builder(
        program: String,
        invocation: Invocation,
        options: ProcessOptions,
        stdin: Plug<ChildInput>,
        stdout: Plug<ChildOutput>?,
        stderr: Plug<ChildOutput>?,
    ) = ProcessBuilder(listOf(program) + invocation.command.drop(1)).apply {
        directory(invocation.workDir?.toFile())
        // That of this program goes to the child by itself; asking for it makes a copy.
        if (invocation.env !== System.getenv()) {
            environment().run {
                clear()
                putAll(invocation.env)
            }
        }
        redirectInput(stdin.redirect)
        redirectOutput(stdout?.redirect ?: ProcessBuilder.Redirect.DISCARD)
        if (options.stderr == StreamType.MERGED && !pipesAll) {
            redirectErrorStream(true)
        } else {
            redirectError(stderr?.redirect ?: ProcessBuilder.Redirect.DISCARD)
        }
    }

    private fun ProcessBuilder.startNaming(
        program: String,
        lookup: ProgramLookup,
    ): Process =
        try {
            start()
        } catch (e: IOException) {
            // It may say more precisely what is missing.
            lookup.find()
            throw startFailure(program, e)
        }
}

/**
 * A process that was started on this machine, and this side's ends of its streams.
 *
 * @param resizing of one with a terminal
 */
@NotOnAndroid
internal class Child(
    val process: Process,
    val name: String,
    val streams: ChildStreams,
    val resizing: ((PtySize) -> Unit)? = null,
)
