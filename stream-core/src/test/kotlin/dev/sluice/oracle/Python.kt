package dev.sluice.oracle

import java.io.File
import java.io.IOException
import java.nio.file.Files
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ExecutionException
import java.util.concurrent.TimeUnit.SECONDS
import java.util.concurrent.TimeoutException

private const val PATIENCE_SECONDS = 60L

/** A CPython that was seen to run. */
internal data class Python(
    val command: String,
    val version: List<Int>,
) {
    val hasSeveralSeparators get() = isAtLeast(13)

    fun isAtLeast(minor: Int) = version[0] == 3 && version[1] >= minor

    override fun toString() = "CPython ${version.joinToString(".")}"

    companion object {
        const val OLDEST_MINOR = 11

        /** The one named by the property `sluice.python` or the variable `SLUICE_PYTHON`, else the newest one that works. */
        fun find(): Python? {
            val named = System.getProperty("sluice.python") ?: System.getenv("SLUICE_PYTHON")
            if (named != null) {
                val python =
                    requireNotNull(probe(named)) { "$named, which was named as the Python to use, is no working CPython" }
                return python.also { require(it.isAtLeast(OLDEST_MINOR)) { "$named is $it, which is too old" } }
            }
            return candidates()
                .mapNotNull(::probe)
                .filter { it.isAtLeast(OLDEST_MINOR) }
                .maxWithOrNull(compareBy({ it.version[1] }, { it.version[2] }))
        }

        /** Whatever is called like one on the path, and all that pyenv has, chosen or not. */
        private fun candidates(): List<String> {
            val onPath = Regex("""python3(\.\d+)?(\.exe)?""")
            val path =
                System
                    .getenv("PATH")
                    .orEmpty()
                    .split(File.pathSeparatorChar)
                    .map(::File)
            val pyenv = File(System.getenv("PYENV_ROOT") ?: (System.getProperty("user.home") + "/.pyenv"))
            return path
                .flatMap { it.listFiles().orEmpty().filter { file -> onPath.matches(file.name) } }
                .plus(
                    pyenv
                        .resolve("versions")
                        .listFiles()
                        .orEmpty()
                        .map { it.resolve("bin/python3") },
                ).distinctBy { it.canonicalPath to it.name }
                .map { it.path }
        }

        /** It is run, because what has the name may be a shim for something that is not there. */
        private fun probe(command: String): Python? {
            val code = "import sys, asyncio; print(sys.implementation.name, *sys.version_info[:3])"
            val output = Files.createTempFile("sluice-oracle", ".txt").toFile()
            try {
                val process =
                    ProcessBuilder(command, "-I", "-c", code)
                        .redirectErrorStream(true)
                        .redirectOutput(output)
                        .start()
                process.outputStream.close()
                if (!process.waitFor(PATIENCE_SECONDS, SECONDS)) process.destroyForcibly()
                val words = output.readText().trim().split(' ')
                return if (words[0] == "cpython") Python(command, words.drop(1).map { it.toInt() }) else null
            } catch (_: IOException) {
                return null
            } finally {
                output.delete()
            }
        }
    }
}

/** The driver, in a process of its own that lives until [close]. */
internal class Oracle(
    val python: Python,
) : AutoCloseable {
    private val directory = Files.createTempDirectory("sluice-oracle").toFile()
    private val errors = directory.resolve("stderr.txt")
    private val process: Process

    init {
        val driver = directory.resolve("driver.py")
        driver.writeBytes(checkNotNull(javaClass.getResourceAsStream("driver.py")).use { it.readBytes() })
        // -I: no variable of the environment changes what the driver does.
        process = ProcessBuilder(python.command, "-I", driver.path).redirectError(errors).start()
    }

    private val input = process.outputStream.bufferedWriter(Charsets.ISO_8859_1)
    private val output = process.inputStream.bufferedReader(Charsets.ISO_8859_1)

    fun answers(sequence: Sequence): List<Answer> = Answer.parseAll(ask(sequence.toString()))

    private fun ask(line: String): String {
        val answer =
            CompletableFuture.supplyAsync {
                input.write("$line\n")
                input.flush()
                output.readLine()
            }
        return try {
            answer.get(PATIENCE_SECONDS, SECONDS) ?: throw gone("has ended", line)
        } catch (e: ExecutionException) {
            throw gone("can't be spoken to", line, e.cause)
        } catch (e: TimeoutException) {
            process.destroyForcibly()
            throw gone("gave no answer for $PATIENCE_SECONDS seconds", line, e)
        }
    }

    private fun gone(
        what: String,
        line: String,
        cause: Throwable? = null,
    ): AssertionError {
        process.waitFor(1, SECONDS)
        val exit = if (process.isAlive) "it still runs" else "exit code ${process.exitValue()}"
        return AssertionError("the driver ($python, $exit) $what; asked: $line; it wrote:\n${errors.readText()}", cause)
    }

    override fun close() {
        process.destroyForcibly().waitFor()
        directory.deleteRecursively()
    }
}
