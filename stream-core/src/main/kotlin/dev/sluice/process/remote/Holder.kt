@file:NotOnAndroid

package dev.sluice.process.remote

import dev.sluice.NotOnAndroid
import dev.sluice.process.ProcessThreads
import java.io.IOException
import java.util.UUID
import java.util.concurrent.TimeUnit

/**
 * The first process of a container, which lives as long as its input is open here: until the sandbox is closed, and at the latest until this
 * program ends, however that ends. All that runs in the container goes with it.
 *
 * @param client carries its input there
 * @param removal removes the container, should the client not have done it
 */
@NotOnAndroid
internal class Holder private constructor(
    private val client: Process,
    private val removal: List<String>,
) : AutoCloseable {
    private var isClosed = false

    /** Returns when the container is gone, as far as the client knows. A client that does not end, or not well, may leave it behind. */
    @Synchronized
    override fun close() {
        if (isClosed) return
        isClosed = true
        client.outputStream.close()
        if (client.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) && client.exitValue() == 0) return
        client.destroyForcibly()
        ProcessBuilder(removal)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)
    }

    /** Runs [action] when it has ended, whyever. */
    fun whenEnded(action: () -> Unit) {
        client.onExit().thenRunAsync(action, ProcessThreads.pumps)
    }

    companion object {
        private const val PATIENCE_SECONDS = 30L
        private const val LINES_OF_COMPLAINT = 20

        /**
         * Says that it is there, then waits. Meanwhile it takes in, as a first process must, those whose parents have ended: a shell does
         * while it waits.
         */
        val COMMAND: List<String> =
            listOf("/bin/sh", "-c", "read -r word; echo \"\$word\"; exec 3<&0; cat <&3 >/dev/null & wait \$!")

        /**
         * Runs [client], a command that runs [COMMAND] in a new container with the input and output it gets; returns when it does.
         *
         * @throws IOException the client ended before, with the last that it said
         */
        fun start(
            name: String,
            client: List<String>,
            removal: List<String>,
        ): Holder {
            val process = ProcessBuilder(client).redirectErrorStream(true).start()
            val word = "sluice-${UUID.randomUUID()}"
            try {
                process.outputStream.run {
                    write("$word\n".toByteArray())
                    flush()
                }
            } catch (_: IOException) {
                // It has ended already, and says why.
            }
            val complaint = ArrayDeque<String>()
            val lines = process.inputStream.bufferedReader()
            while (true) {
                val line = lines.readLine() ?: break
                if (line.trimEnd() == word) return Holder(process, removal)
                complaint += line
                if (complaint.size > LINES_OF_COMPLAINT) complaint.removeFirst()
            }
            throw IOException(
                "$name could not be started, it ended with ${process.waitFor()}: ${complaint.joinToString("\n").trim()}",
            )
        }
    }
}
