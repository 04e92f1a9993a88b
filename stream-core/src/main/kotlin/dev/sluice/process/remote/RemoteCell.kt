@file:NotOnAndroid

package dev.sluice.process.remote

import dev.sluice.NotOnAndroid
import dev.sluice.process.Carrier
import dev.sluice.process.Cell
import dev.sluice.process.ChildStreams
import dev.sluice.process.Invocation
import dev.sluice.process.LimitedCommand
import dev.sluice.process.LocalStart
import dev.sluice.process.ProcessOptions
import dev.sluice.process.StreamProcess
import dev.sluice.process.handle
import org.slf4j.LoggerFactory
import java.io.IOException
import java.nio.file.Path
import java.util.UUID

/** A folder in another place, made for the sandbox and removed with it. */
@NotOnAndroid
internal class RemoteCell private constructor(
    private val place: RemotePlace,
    override val workDir: Path,
    private val limits: LimitedCommand,
) : Cell {
    @Volatile
    private var isEnding = false

    override val inheritedEnv: Map<String, String> by lazy { readEnvironment() }

    override fun start(
        invocation: Invocation,
        options: ProcessOptions,
    ): StreamProcess {
        val token = "sluice-${UUID.randomUUID()}"
        val program = invocation.command.first()
        val dir = "${invocation.workDir ?: workDir}"
        val script = RemoteScript(token, limits).command(invocation, dir, options)
        val carried = Invocation(place.carrying(script, options.pty != null), System.getenv(), null)
        val beginning = RemoteStart(place.name, token, program, dir)
        val starting =
            LocalStart(pipesAll = true, streamsOf = ::withoutLastWords) { process, streams ->
                RemoteCarrier(place, beginning.await(streams, process), process, options.pty == null) { isEnding }
            }
        return starting.start(carried, options, label = program)
    }

    /** With a NUL after each, because a variable may have lines. */
    private fun readEnvironment(): Map<String, String> =
        place.output(listOf("env", "-0")).split('\u0000').filter { '=' in it }.associate {
            it.substringBefore('=') to
                it.substringAfter('=')
        }

    /** On a terminal there is one output for all. */
    private fun withoutLastWords(streams: ChildStreams): ChildStreams {
        val words = place.lastWords ?: return streams
        val stdout = if (streams.stderr == null) streams.stdout?.let { WithoutLastWords(it, words) } else streams.stdout
        return ChildStreams(streams.stdin, stdout, streams.stderr?.let { WithoutLastWords(it, words) })
    }

    override fun close() {
        isEnding = true
        try {
            place.close(workDir)
        } catch (e: IOException) {
            logger.warn("The folder {} of a sandbox, by {}, could not be removed: {}", workDir, place.name, e.message)
        }
    }

    companion object {
        private val logger = LoggerFactory.getLogger(RemoteCell::class.java)

        /** @param check throws if the place is not as it has to be; it is then closed */
        fun make(
            place: RemotePlace,
            limits: LimitedCommand,
            check: () -> Unit = {},
        ): RemoteCell =
            try {
                check()
                RemoteCell(place, place.makeFolder(), limits)
            } catch (e: Throwable) {
                place.close(null)
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
    private val isPlaceEnding: () -> Boolean,
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

    /** If it may have been the way to the place that ended, it is tried once more. */
    override fun lossBehind(code: Int): IOException? {
        if (code !in place.codesOfLoss || isPlaceEnding()) return null
        return try {
            place.output(listOf("true"))
            null
        } catch (e: IOException) {
            if (isPlaceEnding()) return null
            IOException("the connection of ${place.name} was lost, and with it how the command ended", e)
        }
    }
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
