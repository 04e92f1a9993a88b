package dev.sluice.net.interop

import dev.sluice.net.eventually
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.asExecutor
import kotlinx.coroutines.future.await
import kotlinx.coroutines.withTimeout
import java.io.BufferedReader
import java.io.File
import java.nio.file.Files
import java.util.concurrent.CompletableFuture
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.seconds

/** For what hangs: much longer than a slow machine takes, and shorter than a test may. */
private val PATIENCE = 50.seconds

/** The JDK's own may be a single one, which what reads would keep from what writes. */
private val threads = Dispatchers.IO.asExecutor()

/** A child process that a test talks with. It and its own children end with [close], or with this JVM. */
internal class Peer(
    private val command: List<String>,
    input: File? = null,
    output: File? = null,
    folder: File? = null,
) : AutoCloseable {
    private val errors = Files.createTempFile("sluice-peer", ".txt").toFile()
    private val process =
        ProcessBuilder(command)
            .redirectError(errors)
            .directory(folder)
            .apply {
                // What it would read from the user's files changes from machine to machine.
                environment()["LC_ALL"] = "C.UTF-8"
                input?.let(::redirectInput)
                output?.let(::redirectOutput)
            }.start()
    private val end = thread(start = false) { kill() }.also(Runtime.getRuntime()::addShutdownHook)
    private val lines = process.inputStream.bufferedReader()

    /** What it wrote to stderr so far. */
    val said: String get() = errors.readText()

    /** The next line of its output. */
    suspend fun line(): String = patiently("a line") { lines.readLine() } ?: throw failure("wrote no more lines")

    /** Skips its output until a line that [pattern] is found in. */
    suspend fun lineWith(pattern: Regex): MatchResult = pattern.find(linesUntil(pattern).last())!!

    suspend fun linesUntil(pattern: Regex): List<String> {
        val read = ArrayList<String>()
        do read += line() while (!pattern.containsMatchIn(read.last()))
        return read
    }

    /** All that it still writes. */
    suspend fun rest(): String = patiently("the end of its output", BufferedReader::readText)

    /** Waits until it says something on stderr that [pattern] is found in. */
    suspend fun awaitSaid(pattern: Regex): MatchResult {
        eventually("$command says $pattern") { pattern.containsMatchIn(said) || !process.isAlive }
        return pattern.find(said) ?: throw failure("never said $pattern")
    }

    /** Lets a peer go on that waits for that. */
    suspend fun goOn(): Unit = say("\n")

    suspend fun say(text: String): Unit = say(text.toByteArray())

    /** Puts [data] into its input, as fast as it reads that. */
    suspend fun say(data: ByteArray): Unit =
        patiently("that it reads") {
            process.outputStream.write(data)
            process.outputStream.flush()
        }

    fun endInput(): Unit = process.outputStream.close()

    suspend fun exitCode(): Int = patiently("its end") { process.waitFor() }

    suspend fun mustSucceed() {
        val code = exitCode()
        if (code != 0) throw failure("ended with $code")
    }

    private suspend fun <T> patiently(
        what: String,
        block: (BufferedReader) -> T,
    ): T =
        try {
            withTimeout(PATIENCE) { CompletableFuture.supplyAsync({ block(lines) }, threads).await() }
        } catch (e: TimeoutCancellationException) {
            throw failure("has not shown $what for $PATIENCE", e)
        }

    fun failure(
        what: String,
        cause: Throwable? = null,
    ): AssertionError = AssertionError("${command.joinToString(" ")} $what; it said:\n$said", cause)

    /** Leaves it no time for farewells. */
    fun kill() {
        val children =
            process
                .descendants()
                .iterator()
                .asSequence()
                .toList()
        process.destroyForcibly().waitFor()
        children.forEach { it.destroyForcibly() }
    }

    override fun close() {
        kill()
        runCatching { process.outputStream.close() }
        lines.close()
        Runtime.getRuntime().removeShutdownHook(end)
        errors.delete()
    }
}
