@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.nio.file.Paths

/** The files that commands in a bubblewrap see: the system's programs, and what they were given. */
@NotOnAndroid
internal class SandboxView(
    private val options: BubblewrapOptions,
    private val workDir: Path,
) {
    private val system = SYSTEM.map { Paths.get(it) }.filter { Files.exists(it) }

    fun arguments(): List<String> {
        val networkFiles = if (options.network) NETWORK else emptyList()
        return system.flatMap(::systemFolder) +
            (LINKED + networkFiles).flatMap { listOf("--ro-bind-try", it, it) } +
            listOf("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp") +
            options.readOnly.flatMap { listOf("--ro-bind", "$it", "$it") } +
            options.writable.plusElement(workDir).flatMap { listOf("--bind", "$it", "$it") }
    }

    /** Where programs are all below `/usr`, the old names are links to there. */
    private fun systemFolder(folder: Path): List<String> =
        if (Files.isSymbolicLink(folder)) {
            listOf("--symlink", "${Files.readSymbolicLink(folder)}", "$folder")
        } else {
            listOf("--ro-bind", "$folder", "$folder")
        }

    /**
     * What was found on this machine may not be there in the sandbox.
     *
     * @throws NoSuchFileException it is not
     */
    fun checkVisible(
        program: String,
        dir: Path,
    ) {
        if (!isVisible(
                dir,
            )
        ) {
            throw NoSuchFileException("$dir", null, "the sandbox can't see this folder: give it by readOnly() or writable()")
        }
        if ('/' in program && !isVisible(dir.resolve(program))) {
            throw NoSuchFileException(program, null, "the sandbox can't see this program: give it by readOnly()")
        }
    }

    private fun isVisible(path: Path): Boolean {
        val real = path.toRealPath()
        return (system + options.readOnly + options.writable).plusElement(workDir).any { real.startsWith(it.toRealPath()) } ||
            OWN.any { path.normalize().startsWith(it) }
    }

    private companion object {
        val SYSTEM = listOf("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")

        /** To where programs below `/usr` lead. */
        val LINKED = listOf("/etc/alternatives", "/etc/ld.so.cache")
        val NETWORK =
            listOf("/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/ssl", "/etc/pki", "/etc/ca-certificates")

        /** Other than outside. */
        val OWN = listOf("/proc", "/dev")
    }
}
