@file:NotOnAndroid

package dev.sluice.process.remote

import dev.sluice.NotOnAndroid
import dev.sluice.process.Cell
import dev.sluice.process.ChildStreams
import dev.sluice.process.Invocation
import dev.sluice.process.LimitedCommand
import dev.sluice.process.LocalStart
import dev.sluice.process.ProcessOptions
import dev.sluice.process.ProcessThreads
import dev.sluice.process.StreamProcess
import dev.sluice.process.pty.TERM
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
        val env = if (options.pty == null) invocation.env else mapOf("TERM" to TERM) + invocation.env
        val script = RemoteScript(token, limits).command(Invocation(invocation.command, env, null), dir, options)
        val carried = Invocation(place.carrying(script, options.pty != null), System.getenv(), null)
        val beginning = RemoteStart(place.name, token, program, dir)
        val starting =
            LocalStart(pipesAll = true, streamsOf = ::withoutLastWords) { process, streams ->
                RemoteCarrier(place, beginning.await(streams, process), process) { isEnding }
            }
        return starting.start(carried, options, label = program)
    }

    /** With a NUL after each, because a variable may have lines. */
    private fun readEnvironment(): Map<String, String> =
        place.output(listOf("env", "-0")).split('\u0000').filter { '=' in it }.associate {
            it.substringBefore('=') to
                it.substringAfter('=')
        }

    /**
     * On a terminal there is one output for all. What a person types there comes back letter by letter, and is not to be held back because it
     * begins as the words do.
     */
    private fun withoutLastWords(streams: ChildStreams): ChildStreams {
        val words = place.lastWords ?: return streams
        val stdout =
            if (streams.stderr == null) streams.stdout?.let { WithoutLastWords(it, words, words.length) } else streams.stdout
        return ChildStreams(streams.stdin, stdout, streams.stderr?.let { WithoutLastWords(it, words) })
    }

    override fun end() {
        isEnding = true
        place.holder?.let { ProcessThreads.pumps.execute(it::close) }
    }

    override fun whenLost(action: (IOException) -> Unit) {
        place.holder?.whenEnded { if (!isEnding) action(IOException("${place.name} has ended, and with it what ran there")) }
    }

    override fun close() {
        isEnding = true
        try {
            place.holder?.close() ?: place.output(listOf("rm", "-rf", "--", "$workDir"))
        } catch (e: IOException) {
            logger.warn("The folder {} of a sandbox, by {}, could not be removed: {}", workDir, place.name, e.message)
        } finally {
            place.disconnect()
        }
    }

    companion object {
        private val logger = LoggerFactory.getLogger(RemoteCell::class.java)

        /**
         * @param check throws if the place is not as it has to be; it is then closed
         * @throws UnsupportedOperationException the place can't hold a command to the limits
         */
        fun make(
            place: RemotePlace,
            limits: LimitedCommand,
            check: () -> Unit = {},
        ): RemoteCell =
            try {
                check()
                checkThatHolds(place, limits)
                RemoteCell(place, Paths.get(place.output(listOf("mktemp", "-d")).trim()), limits)
            } catch (e: Throwable) {
                place.holder?.close()
                place.disconnect()
                throw e
            }

        private fun checkThatHolds(
            place: RemotePlace,
            limits: LimitedCommand,
        ) {
            if (limits.isEmpty) return
            try {
                place.output(limits.wrap(listOf("true")))
            } catch (e: IOException) {
                throw UnsupportedOperationException("a limit can't be enforced: ${e.message}", e)
            }
        }
    }
}
