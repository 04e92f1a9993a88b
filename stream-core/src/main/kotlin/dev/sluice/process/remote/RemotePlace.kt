@file:NotOnAndroid

package dev.sluice.process.remote

import dev.sluice.NotOnAndroid
import dev.sluice.process.ProcessThreads
import java.io.IOException
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit

/** How commands get to another place and what has to be done there. All of it blocks. */
@NotOnAndroid
internal interface RemotePlace {
    /** For messages: as `ssh to build.example.org`. */
    val name: String

    /** What is run on this machine to have [command] run there. */
    fun carrying(
        command: List<String>,
        hasTerminal: Boolean,
    ): List<String>

    /** What the way to the place ends with when it is lost; a command may end with it, too. */
    val codesOfLoss: Set<Int>

    /** What the way there says on the standard error of a command, at its end, when that ended with another code than 0: up to that code. */
    val lastWords: String? get() = null

    /** Of a place that was made for the sandbox. */
    val holder: Holder? get() = null

    /** Ends what was set up to get there. */
    fun disconnect(): Unit = Unit
}

private const val PATIENCE_SECONDS = 30L

/**
 * What a command there writes to its standard output.
 *
 * @throws IOException it ended with another code than 0, with what it had to complain of; or it does not end
 */
@NotOnAndroid
internal fun RemotePlace.output(command: List<String>): String {
    val process = ProcessBuilder(carrying(command, hasTerminal = false)).start()
    process.outputStream.close()
    val complaint = CompletableFuture.supplyAsync({ process.errorStream.bufferedReader().readText() }, ProcessThreads.pumps)
    val impatience =
        CompletableFuture.runAsync(
            process::destroyForcibly,
            CompletableFuture.delayedExecutor(PATIENCE_SECONDS, TimeUnit.SECONDS),
        )
    try {
        val said = process.inputStream.bufferedReader().readText()
        val code = process.waitFor()
        if (code == 0) return said
        val why = "$said${complaint.join()}".trim()
        throw IOException("$name could not run ${command.first()}, it ended with $code: $why")
    } catch (e: IOException) {
        if (!impatience.isDone) throw e
        throw IOException("$name did not answer within $PATIENCE_SECONDS seconds", e)
    } finally {
        impatience.cancel(false)
    }
}
