@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import java.io.IOException
import java.nio.file.Path

/**
 * A cell on this machine, which is a folder.
 *
 * @param wrap puts in front of a command what keeps it in there
 */
@NotOnAndroid
internal class FolderCell(
    private val folder: PrivateFolder,
    private val starting: LocalStart,
    private val wrap: (Contained) -> List<String>,
) : Cell {
    /** A command that is to run in the cell. */
    class Contained(
        val command: List<String>,
        val dir: Path,
        val hasTerminal: Boolean,
    )

    override val workDir: Path get() = folder.path
    override val inheritedEnv: Map<String, String> get() = System.getenv()

    override fun start(
        invocation: Invocation,
        options: ProcessOptions,
    ): StreamProcess {
        val program = ProgramLookup(invocation).find()
        val dir = invocation.workDir ?: workDir
        val wrapped = wrap(Contained(listOf(program) + invocation.command.drop(1), dir, options.pty != null))
        return starting.start(Invocation(wrapped, invocation.env, dir), options, label = invocation.command.first())
    }

    /**
     * Runs a command that does nothing: what is wrong with the place itself is told now, and not as the failure of somebody's command.
     *
     * @throws IOException with what [tool] says
     */
    fun probe(tool: String) {
        val probe =
            ProcessBuilder(
                wrap(Contained(listOf("/bin/true"), workDir, hasTerminal = false)),
            ).redirectErrorStream(true).start()
        probe.outputStream.close()
        val said =
            probe.inputStream
                .bufferedReader()
                .use { it.readText() }
                .trim()
        val code = probe.waitFor()
        if (code == 0) return
        close()
        throw IOException("$tool can't run commands here, it ended with $code: $said")
    }

    override fun close(): Unit = folder.close()
}
