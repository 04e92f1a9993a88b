@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import java.nio.file.AccessDeniedException
import java.nio.file.FileSystemException
import java.nio.file.Files
import java.nio.file.InvalidPathException
import java.nio.file.NoSuchFileException
import java.nio.file.NotDirectoryException
import java.nio.file.Path
import java.nio.file.Paths

/**
 * Finds the program of an [invocation] as the child would: on its own `PATH`, from its own folder. The JDK looks on the `PATH` of this
 * program, and blames the program when it is the folder that is missing.
 */
internal class ProgramLookup(
    private val invocation: Invocation,
) {
    private val name = invocation.command.first()
    private val workDir = invocation.workDir
    private val path = invocation.env["PATH"] ?: DEFAULT_PATH

    /** As [find], but unasked where the system looks in the same places: whether there is such a program shows when it is started. */
    fun program(): String = if ('/' in name || path == System.getenv("PATH")) name else find()

    /**
     * The program as the system is to be given it.
     *
     * @throws FileSystemException the program or the folder is missing, or can't be used
     */
    fun find(): String {
        checkFolder()
        return if ('/' in name) name.also { checkFile(pathOf(it)) } else findOnPath()
    }

    /** The program's file, for those who would look for it elsewhere. */
    fun findFile(): String {
        val found = find()
        return if ('/' in found) found else candidates().first(::isProgram).toString()
    }

    private fun checkFolder() {
        if (workDir == null || Files.isDirectory(workDir)) return
        if (Files.exists(workDir)) throw NotDirectoryException("$workDir, in which $name was to run")
        throw NoSuchFileException(workDir.toString(), null, "there is no such folder for $name to run in")
    }

    private fun checkFile(file: Path) {
        if (!Files.exists(file)) throw NoSuchFileException(name, null, "there is no such program")
        if (!isProgram(file)) throw notExecutable()
    }

    private fun findOnPath(): String {
        val candidates = candidates()
        val found = candidates.firstOrNull(::isProgram)
        return when {
            // As it was called, so that the program sees that name: the JDK finds the same.
            found != null && path == System.getenv("PATH") -> name

            found != null -> found.toString()

            candidates.any { Files.exists(it) } -> throw notExecutable()

            else -> throw NoSuchFileException(name, null, "there is no such program on the PATH $path")
        }
    }

    private fun candidates() = path.splitToSequence(':').map { folder -> pathOf(folder.ifEmpty { "." }).resolve(name) }

    /** Asked of files that mostly are not there, for which `Files` makes exceptions. */
    private fun isProgram(file: Path) = file.toFile().run { canExecute() && !isDirectory }

    private fun pathOf(text: String): Path =
        try {
            val path = Paths.get(text)
            workDir?.resolve(path) ?: path
        } catch (e: InvalidPathException) {
            throw NoSuchFileException(text, null, e.reason).apply { initCause(e) }
        }

    private fun notExecutable() = AccessDeniedException(name, null, "it is no executable file")

    private companion object {
        /** Of the system's own lookup, where there is no `PATH`. */
        const val DEFAULT_PATH = "/bin:/usr/bin"
    }
}
