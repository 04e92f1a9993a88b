@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds

/** Puts in front of a command what has the system hold it to [limits]: `prlimit`, or a shell where there is none. */
@NotOnAndroid
internal class LimitedCommand(
    private val limits: SandboxLimits,
    private val prlimit: String? = findTool("prlimit"),
) {
    /** The system counts whole seconds. */
    private val cpuSeconds = limits.cpuTime?.let { (it + 1.seconds - 1.nanoseconds).inWholeSeconds }

    val isEmpty: Boolean get() = limits.isEmpty

    fun wrap(command: List<String>): List<String> {
        if (limits.isEmpty) return command
        return (if (prlimit == null) shell() else listOf(prlimit) + options() + "--") + command
    }

    private fun options(): List<String> =
        listOfNotNull(
            cpuSeconds?.let { "--cpu=$it" },
            limits.memory?.let { "--as=$it" },
            limits.openFiles?.let { "--nofile=$it" },
            limits.processes?.let { "--nproc=$it" },
        )

    private fun shell(): List<String> {
        val limiting =
            listOfNotNull(
                cpuSeconds?.let { "ulimit -t $it" },
                limits.memory?.let { "ulimit -v ${(it + KIB - 1) / KIB}" },
                limits.openFiles?.let { "ulimit -n $it" },
                limits.processes?.let { "ulimit -u $it" },
            )
        return listOf("/bin/sh", "-c", (limiting + "exec \"\$@\"").joinToString(" && "), "sh")
    }

    private companion object {
        const val KIB = 1024
    }
}

/**
 * Where a tool is that a launcher needs.
 *
 * @param debianPackage has it
 * @throws UnsupportedOperationException it is not there; with what to do
 */
internal fun requireTool(
    name: String,
    debianPackage: String?,
): String =
    findTool(name) ?: throw UnsupportedOperationException(
        "$name is not installed, or not on the PATH of this program" +
            debianPackage?.let { "; Debian has it in the package $it" }.orEmpty(),
    )

/** Where on this program's own `PATH` a tool is; of one that is a path, whether it is there. */
internal fun findTool(name: String): String? =
    if ('/' in name) name.takeIf { java.io.File(it).canExecute() } else findOnOwnPath(name)

private fun findOnOwnPath(name: String): String? =
    System
        .getenv("PATH")
        .orEmpty()
        .split(':')
        .filter { it.startsWith('/') }
        .map { "$it/$name" }
        .firstOrNull { java.io.File(it).canExecute() }
