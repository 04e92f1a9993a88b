package dev.sluice.net

import java.io.BufferedReader
import java.io.File
import java.util.concurrent.TimeUnit

/**
 * The program [main] of these tests in a JVM of its own.
 *
 * @param limits a command of the shell that limits what the JVM may use, or changes how it is started
 */
internal class ChildJvm(
    main: String,
    options: List<String> = emptyList(),
    limits: String? = null,
    arguments: List<String> = emptyList(),
    environment: Map<String, String> = emptyMap(),
) : AutoCloseable {
    private val process: Process

    init {
        val java = File(System.getProperty("java.home"), "bin/java").path
        val classPath = System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path")
        val command = listOf(java, "-Xmx64m", "-XX:TieredStopAtLevel=1") + options + listOf("-cp", classPath, main) + arguments
        val limited = if (limits == null) command else listOf("sh", "-c", "$limits; exec \"\$@\"", "sh") + command
        process =
            ProcessBuilder(limited).redirectError(ProcessBuilder.Redirect.INHERIT).apply { environment() += environment }.start()
    }

    val output: BufferedReader = process.inputStream.bufferedReader()

    /** Writes a line for it to read. */
    fun tell(line: String) {
        process.outputStream.apply {
            write("$line\n".toByteArray())
            flush()
        }
    }

    /** All lines that it prints, once it has ended well. */
    fun lines(): List<String> =
        use {
            val lines = output.readLines()
            check(process.waitFor(30, TimeUnit.SECONDS)) { "the child does not end, after $lines" }
            check(process.exitValue() == 0) { "the child ended with ${process.exitValue()}, after $lines" }
            lines
        }

    override fun close() {
        process.destroyForcibly()
    }
}
