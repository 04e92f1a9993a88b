@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import dev.sluice.process.pipes.ChildInput
import dev.sluice.process.pipes.ChildOutput
import dev.sluice.process.pipes.PipeWay
import dev.sluice.process.pipes.Plug
import java.io.IOException

/** Starts processes on this machine. It blocks for a millisecond or two. */
@NotOnAndroid
internal class LocalStart(
    private val way: PipeWay,
) {
    fun start(
        invocation: Invocation,
        options: ProcessOptions,
    ): StreamProcess {
        val program = ProgramLookup(invocation).find()
        val plugs = ArrayList<Plug<*>>()
        try {
            val stdin = way.input().also { plugs += it }
            val stdout = plugFor(options.stdout, Process::getInputStream)?.also { plugs += it }
            val stderr = plugFor(options.stderr, Process::getErrorStream)?.also { plugs += it }
            val process = builder(program, invocation, options, stdin, stdout, stderr).startNaming(invocation.command.first())
            val name = "${invocation.command.first()} (pid ${process.pid()})"
            val streams =
                ChildStreams(
                    stdin.connect(process, "the stdin of $name"),
                    stdout?.connect(process, "the stdout of $name"),
                    stderr?.connect(process, "the stderr of $name"),
                )
            return StreamProcess(process, name, streams, LocalCarrier(ProcessHandle.of(process.pid()).orElse(process.toHandle())), options)
        } catch (e: IOException) {
            plugs.forEach(Plug<*>::discard)
            throw e
        }
    }

    private fun plugFor(
        type: StreamType,
        pipeOf: (Process) -> java.io.InputStream,
    ): Plug<ChildOutput>? = if (type == StreamType.PIPE || type == StreamType.STDOUT) way.output(pipeOf) else null

    private fun builder(
        program: String,
        invocation: Invocation,
        options: ProcessOptions,
        stdin: Plug<ChildInput>,
        stdout: Plug<ChildOutput>?,
        stderr: Plug<ChildOutput>?,
    ) = ProcessBuilder(listOf(program) + invocation.command.drop(1)).apply {
        directory(invocation.workDir?.toFile())
        environment().run {
            clear()
            putAll(invocation.env)
        }
        redirectInput(stdin.redirect)
        redirectOutput(stdout?.redirect ?: ProcessBuilder.Redirect.DISCARD)
        if (options.stderr == StreamType.MERGED) {
            redirectErrorStream(true)
        } else {
            redirectError(stderr?.redirect ?: ProcessBuilder.Redirect.DISCARD)
        }
    }

    private fun ProcessBuilder.startNaming(program: String): Process =
        try {
            start()
        } catch (e: IOException) {
            throw startFailure(program, e)
        }
}
