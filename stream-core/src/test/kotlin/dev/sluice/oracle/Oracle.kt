package dev.sluice.oracle

import java.nio.file.Files
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ExecutionException
import java.util.concurrent.TimeUnit.SECONDS
import java.util.concurrent.TimeoutException

private const val PATIENCE_SECONDS = 60L

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
