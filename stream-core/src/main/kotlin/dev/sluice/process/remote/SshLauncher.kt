@file:NotOnAndroid

package dev.sluice.process.remote

import dev.sluice.NotOnAndroid
import dev.sluice.process.Cell
import dev.sluice.process.Launcher
import dev.sluice.process.LimitedCommand
import dev.sluice.process.PrivateFolder
import dev.sluice.process.ProcessThreads
import dev.sluice.process.SandboxLimits
import dev.sluice.process.SshOptions
import dev.sluice.process.requireTool
import java.io.File
import java.io.IOException
import java.util.concurrent.Executor

/** Runs commands on another host by the OpenSSH client, over one connection for all of a sandbox. */
@NotOnAndroid
internal class SshLauncher(
    private val host: String,
    given: SshOptions,
) : Launcher() {
    private val options = given.copy()

    init {
        require(host.isNotEmpty() && !host.startsWith("-")) { "there is no host named '$host'" }
    }

    override val threads: Executor get() = ProcessThreads.pumps

    override fun open(limits: SandboxLimits): Cell {
        if (limits.processes != null) {
            throw UnsupportedOperationException("the ssh launcher can't limit processes: the other host counts all of the user's")
        }
        val place = SshPlace(requireTool("ssh", "openssh-client"), host, options.arguments())
        return RemoteCell.make(place, LimitedCommand(limits, prlimit = null))
    }

    override fun toString(): String = "Launcher.ssh($host)"
}

@NotOnAndroid
private class SshPlace(
    private val ssh: String,
    private val host: String,
    private val arguments: List<String>,
) : RemotePlace {
    override val name: String = "ssh to $host"
    private val own = PrivateFolder()
    private val socket = own.path.resolve("s")

    init {
        try {
            connect()
        } catch (e: IOException) {
            own.close()
            throw e
        }
    }

    /** The connection that the commands share. It stays behind, and goes when nobody has used it for a while, also if this program is killed. */
    private fun connect() {
        val complaints = own.path.resolve("complaints").toFile()
        val process =
            ProcessBuilder(base("ControlMaster=yes", "ControlPersist=$UNUSED_SECONDS") + listOf("--", host, "exit 0"))
                .redirectInput(File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(complaints)
                .start()
        if (process.waitFor() != 0) throw IOException("$name failed: ${complaints.readText().trim()}")
    }

    private fun base(vararg settings: String) =
        listOf(ssh, "-o", "BatchMode=yes", "-o", "ControlPath=$socket") + settings.flatMap { listOf("-o", it) } + arguments +
            LIVELINESS.flatMap { listOf("-o", it) }

    /** The words are joined and parsed by a shell there, which is not left as the command: it passes on how that ended. */
    override fun carrying(
        command: List<String>,
        hasTerminal: Boolean,
    ): List<String> =
        base("LogLevel=ERROR") + listOf(if (hasTerminal) "-tt" else "-T", "--", host, posixCommand(command) + "; exit \$?")

    override val codesOfLoss: Set<Int> get() = setOf(255)

    override fun disconnect() {
        try {
            ProcessBuilder(base() + listOf("-O", "exit", "--", host))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor()
        } finally {
            own.close()
        }
    }

    private companion object {
        const val UNUSED_SECONDS = 60

        /** A host that is gone is noticed. What was set before counts: of each setting the first. */
        val LIVELINESS = listOf("ConnectTimeout=30", "ServerAliveInterval=15")
    }
}
