@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid

@NotOnAndroid
internal object LocalLauncher : Launcher() {
    override fun open(limits: SandboxLimits): Cell {
        if (limits.processes != null) {
            throw UnsupportedOperationException(
                "the local launcher can't limit processes: the system counts all that the user has, and does not count root's. " +
                    "Launcher.bubblewrap can, used by an ordinary user",
            )
        }
        val cell = FolderCell(PrivateFolder(), LocalStart()) { LimitedCommand(limits).wrap(it.command) }
        if (!limits.isEmpty) cell.probe("prlimit")
        return cell
    }

    override fun toString(): String = "Launcher.local()"
}
