package dev.sluice.fuzz

import dev.sluice.latin1
import java.io.ByteArrayOutputStream
import java.util.concurrent.ScheduledThreadPoolExecutor
import java.util.concurrent.TimeUnit
import kotlin.io.path.createTempDirectory

/**
 * One `sh` for many commands. What gets through to it by mistake can do little: there is no environment, no program to be found,
 * and a place of its own to be in.
 */
internal class EchoingShell : AutoCloseable {
    private val place = createTempDirectory("sluice-quoting").toFile()
    private val watch = ScheduledThreadPoolExecutor(1) { Thread(it, "quoting-watch").apply { isDaemon = true } }
    private val process =
        ProcessBuilder("/bin/sh")
            .directory(place)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .apply { environment().clear() }
            .start()

    init {
        watch.removeOnCancelPolicy = true
        process.outputStream.write("PATH=/nowhere LC_ALL=C\n".toByteArray())
    }

    /** What the [command] says, [count] words with a NUL behind each. Characters are bytes. */
    fun run(
        command: String,
        count: Int,
    ): List<String> {
        // It waits for ever for the end of a quote that does not end.
        val patience = watch.schedule({ process.destroyForcibly() }, 30, TimeUnit.SECONDS)
        try {
            process.outputStream.write((command + "\nprintf '$END\\0'\n").toByteArray(Charsets.ISO_8859_1))
            process.outputStream.flush()
            val words = List(count) { word() }
            check(word() == END) { "it said more than $count words, beginning with $words" }
            return words
        } finally {
            patience.cancel(false)
        }
    }

    private fun word(): String {
        val word = ByteArrayOutputStream()
        while (true) {
            val byte = process.inputStream.read()
            check(byte >= 0) { "the shell is gone or did not answer; before, it said '${word.toByteArray().latin1}'" }
            if (byte == 0) return word.toByteArray().latin1
            word.write(byte)
        }
    }

    override fun close() {
        watch.shutdownNow()
        process.destroyForcibly().waitFor()
        place.deleteRecursively()
    }

    private companion object {
        const val END = "end of the words"
    }
}
