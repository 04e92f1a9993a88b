@file:NotOnAndroid

package dev.sluice.process.remote

import dev.sluice.NotOnAndroid
import dev.sluice.process.ChildStreams
import dev.sluice.process.pipes.ChildOutput
import kotlinx.coroutines.runBlocking
import java.io.ByteArrayOutputStream
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.file.AccessDeniedException
import java.nio.file.NoSuchFileException
import java.nio.file.NotDirectoryException

/**
 * The first line that a [RemoteScript] says, and what it means.
 *
 * @param tool whoever carries the command there
 */
@NotOnAndroid
internal class RemoteStart(
    private val tool: String,
    private val token: String,
    private val program: String,
    private val dir: String,
) {
    /**
     * The number of the command, in its own place; blocking.
     *
     * @throws IOException it was not started
     */
    fun await(
        streams: ChildStreams,
        process: Process,
    ): Long {
        val line = runBlocking { streams.stdout!!.firstLine() }
        val said = line.substringAfter("$token ", missingDelimiterValue = "")
        return said.trim().toLongOrNull() ?: throw when (said.trim()) {
            RemoteScript.MISSING_FOLDER -> NoSuchFileException(dir, null, "there is no such folder for $program to run in")
            RemoteScript.NO_FOLDER -> NotDirectoryException("$dir, in which $program was to run")
            RemoteScript.MISSING_PROGRAM -> NoSuchFileException(program, null, "there is no such program, where $tool runs it")
            RemoteScript.NO_PROGRAM -> AccessDeniedException(program, null, "it is no executable file, where $tool runs it")
            else -> notStarted(streams, process, line)
        }
    }

    private fun notStarted(
        streams: ChildStreams,
        process: Process,
        line: String,
    ): IOException {
        val complaint = streams.stderr?.let { runBlocking { it.everything() } }.orEmpty()
        val why = (complaint + line).trim().ifEmpty { "it said nothing, and ended with ${process.waitFor()}" }
        return IOException("$tool could not start $program: $why")
    }

    /** Byte by byte: what comes after it is the command's. A terminal ends it with a carriage return, too. */
    private suspend fun ChildOutput.firstLine(): String {
        val line = ByteArrayOutputStream()
        val one = ByteBuffer.allocate(1)
        while (true) {
            val count = tryRead(one)
            if (count < 0 || one.array()[0] == '\n'.code.toByte()) return line.toString("UTF-8")
            if (count == 0) awaitReadable() else line.write(one.array()[0].toInt())
            one.rewindToWrite()
        }
    }

    private suspend fun ChildOutput.everything(): String {
        val text = ByteArrayOutputStream()
        val bytes = ByteBuffer.allocate(SOME)
        while (true) {
            val count = tryRead(bytes)
            if (count < 0) return text.toString("UTF-8")
            if (count == 0) awaitReadable() else text.write(bytes.array(), 0, count)
            bytes.rewindToWrite()
        }
    }

    private fun ByteBuffer.rewindToWrite() {
        position(0)
    }

    private companion object {
        const val SOME = 4096
    }
}
