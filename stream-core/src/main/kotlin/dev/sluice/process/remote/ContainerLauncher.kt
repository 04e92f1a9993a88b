@file:NotOnAndroid

package dev.sluice.process.remote

import dev.sluice.NotOnAndroid
import dev.sluice.process.Cell
import dev.sluice.process.ContainerOptions
import dev.sluice.process.Launcher
import dev.sluice.process.LimitedCommand
import dev.sluice.process.ProcessThreads
import dev.sluice.process.SandboxLimits
import dev.sluice.process.requireTool
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.util.UUID
import java.util.concurrent.Executor

/** Runs the commands of a sandbox in a container of its own, by the command line of an engine. */
@NotOnAndroid
internal class ContainerLauncher(
    private val engine: String,
    private val image: String,
    given: ContainerOptions,
) : Launcher() {
    private val options = given.copy()

    init {
        require(engine.isNotEmpty()) { "there is no engine without a name" }
        require(image.isNotEmpty() && !image.startsWith("-")) { "there is no image named '$image'" }
    }

    override val threads: Executor get() = ProcessThreads.pumps

    override fun open(limits: SandboxLimits): Cell {
        for (path in options.readOnly + options.writable) {
            if (!Files.exists(path)) throw NoSuchFileException("$path", null, "it is to be shared with a sandbox")
        }
        val program = requireTool(engine, PACKAGES[engine.substringAfterLast('/')])
        val place = ContainerPlace("$engine ($image)", listOf(program) + options.engineOptions, runOptions(limits), image)
        return RemoteCell.make(place, LimitedCommand(limits.perProcess(), prlimit = null)) {
            limits.memory?.let { place.checkMemory(it) }
            limits.processes?.let { place.checkProcesses(it + OWN_PROCESSES) }
        }
    }

    private fun runOptions(limits: SandboxLimits): List<String> =
        listOfNotNull(
            "--network=none".takeUnless { options.network },
            limits.memory?.let { "--memory=$it" },
            limits.memory?.let { "--memory-swap=$it" },
            limits.processes?.let { "--pids-limit=${it + OWN_PROCESSES}" },
        ) + options.readOnly.map { mount(it, ",readonly") } + options.writable.map { mount(it, "") } + options.runOptions

    /** The engines take a line of a table, in which a comma has to be quoted. */
    private fun mount(
        path: Path,
        mode: String,
    ): String {
        val quoted = "$path".replace("\"", "\"\"")
        return "--mount=type=bind,\"source=$quoted\",\"target=$quoted\"$mode"
    }

    override fun toString(): String = "Launcher.container($engine, $image)"

    private companion object {
        /** The holder's, a shell above each command, and what an engine needs for a moment to start one. */
        const val OWN_PROCESSES = 32L
        val PACKAGES = mapOf("docker" to "docker.io", "podman" to "podman")
    }
}

@NotOnAndroid
private class ContainerPlace(
    override val name: String,
    private val engine: List<String>,
    runOptions: List<String>,
    image: String,
) : RemotePlace {
    private val container = "sluice-${UUID.randomUUID()}"
    override val holder =
        Holder.start(
            name,
            engine + listOf("run", "--interactive", "--rm", "--name=$container") + runOptions +
                listOf("--entrypoint=${Holder.COMMAND.first()}", image) + Holder.COMMAND.drop(1),
            engine + listOf("rm", "--force", container),
        )

    override fun carrying(
        command: List<String>,
        hasTerminal: Boolean,
    ): List<String> = engine + listOfNotNull("exec", "--interactive", "--tty".takeIf { hasTerminal }, container) + command

    /** Of the client without its engine, of the engine, and of a container that was killed. */
    override val codesOfLoss: Set<Int> get() = setOf(1, 125, 137, 255)
}
