@file:NotOnAndroid

package dev.sluice.process.remote

import dev.sluice.NotOnAndroid
import dev.sluice.process.Carrier
import dev.sluice.process.Cell
import dev.sluice.process.Invocation
import dev.sluice.process.LocalStart
import dev.sluice.process.ProcessOptions
import dev.sluice.process.StreamProcess
import dev.sluice.process.handle
import org.slf4j.LoggerFactory
import java.io.IOException
import java.nio.file.Path
import java.nio.file.Paths
import java.util.UUID

/** A folder in another place, made for the sandbox and removed with it. */
@NotOnAndroid
internal class RemoteCell private constructor(
    private val place: RemotePlace,
    override val workDir: Path,
) : Cell {
    override val inheritedEnv: Map<String, String> by lazy { readEnvironment() }

    override fun start(
        invocation: Invocation,
        options: ProcessOptions,
    ): StreamProcess {
        val token = "sluice-${UUID.randomUUID()}"
        val program = invocation.command.first()
        val dir = "${invocation.workDir ?: workDir}"
        val script = RemoteScript(token).command(invocation, dir, options)
        val carried = Invocation(place.carrying(script, options.pty != null), System.getenv(), null)
        val beginning = RemoteStart(place.name, token, program, dir)
        val starting =
            LocalStart(pipesAll = true) { process, streams ->
                RemoteCarrier(place, beginning.await(streams, process), process, hasSession = options.pty == null)
            }
        return starting.start(carried, options, label = program)
    }

    /** With a NUL after each, because a variable may have lines. */
    private fun readEnvironment(): Map<String, String> =
        place.output(listOf("env", "-0")).split('\u0000').filter { '=' in it }.associate {
            it.substringBefore('=') to
                it.substringAfter('=')
        }

    override fun close() {
        try {
            place.output(listOf("rm", "-rf", "--", "$workDir"))
        } catch (e: IOException) {
            logger.warn("The folder {} of a sandbox, by {}, could not be removed: {}", workDir, place.name, e.message)
        } finally {
            place.close()
        }
    }

    companion object {
        private val logger = LoggerFactory.getLogger(RemoteCell::class.java)

        fun make(place: RemotePlace): RemoteCell =
            try {
                RemoteCell(place, Paths.get(place.output(listOf("mktemp", "-d")).trim()))
            } catch (e: IOException) {
                place.close()
                throw e
            }
    }
}

/** Reached by a command of its own that runs beside it. */
@NotOnAndroid
internal class RemoteCarrier(
    private val place: RemotePlace,
    private val pid: Long,
    private val client: Process,
    private val hasSession: Boolean,
) : Carrier {
    override fun signal(number: Int) {
        if (client.isAlive) place.output(listOf("sh", "-c", "kill -$number $pid"))
    }

    override fun killAll() {
        try {
            // All of its session, if it has one.
            if (hasSession) place.output(listOf("sh", "-c", "kill -s KILL -- -$pid 2>/dev/null || kill -s KILL $pid"))
        } catch (_: IOException) {
            // It can't be reached, or has ended.
        } finally {
            client.handle?.destroyForcibly()
        }
    }

    override fun lossBehind(code: Int): IOException? = place.lossBehind(code)
}

/**
 * What a command there writes to its standard output.
 *
 * @throws IOException it ended with another code than 0; with what it had to complain of
 */
@NotOnAndroid
internal fun RemotePlace.output(command: List<String>): String {
    val process = ProcessBuilder(carrying(command, hasTerminal = false)).redirectErrorStream(true).start()
    process.outputStream.close()
    val said = process.inputStream.bufferedReader().use { it.readText() }
    val code = process.waitFor()
    if (code != 0) throw IOException("$name could not run ${command.first()}, it ended with $code: ${said.trim()}")
    return said
}
