@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.nio.file.Paths

/** Runs each command in a bubblewrap of its own. */
@NotOnAndroid
internal class BubblewrapLauncher(
    given: BubblewrapOptions,
) : Launcher() {
    private val options = given.copy()

    override fun open(limits: SandboxLimits): Cell {
        val bwrap = requireTool("bwrap", "bubblewrap")
        if (limits.processes != null && isRoot()) {
            throw UnsupportedOperationException(
                "the system does not limit the processes of root, not even in bubblewrap: use it as an ordinary user",
            )
        }
        for (path in options.readOnly + options.writable) {
            if (!Files.exists(path)) throw NoSuchFileException("$path", null, "it is to be shared with a sandbox")
        }
        val folder = PrivateFolder()
        val view = SandboxView(options, folder.path)
        val outer = LimitedCommand(limits.withoutProcesses())
        val inner = LimitedCommand(limits.onlyProcesses())
        val cell =
            FolderCell(folder, LocalStart(carrierOf = { process, _ -> process.handle?.let(::BubblewrapCarrier) ?: Gone })) {
                view.checkVisible(it.command.first(), it.dir)
                val isolation = isolation(it.hasTerminal) + view.arguments() + listOf("--chdir", "${it.dir}", "--")
                outer.wrap(listOf(bwrap) + isolation + inner.wrap(it.command))
            }
        cell.probe("bubblewrap")
        return cell
    }

    /**
     * Root has no power in there, nothing is left of it when this program, or the thread that started it, is gone, and the terminal of this
     * program is out of reach.
     */
    private fun isolation(hasTerminal: Boolean): List<String> =
        listOfNotNull(
            "--unshare-all",
            "--share-net".takeIf { options.network },
            "--die-with-parent",
            "--new-session".takeUnless { hasTerminal },
            "--cap-drop",
            "ALL",
        )

    private fun isRoot(): Boolean = Files.getAttribute(Paths.get("/proc/self"), "unix:uid") == 0

    override fun toString(): String = "Launcher.bubblewrap(network=${options.network})"
}
