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
     * What the command is in its own place; blocking. What a profile there may say before does not count.
     *
     * @throws IOException it was not started
     */
    fun await(
        streams: ChildStreams,
        process: Process,
    ): RemoteIdentity {
        val before = ArrayList<String>()
        var line = runBlocking { streams.stdout!!.nextLine() }
        while ("$token " !in line && line.isNotEmpty()) {
            before += line
            line = runBlocking { streams.stdout!!.nextLine() }
        }
        val said = line.substringAfter("$token ").trim()
        val pid = said.substringBefore(' ').toLongOrNull()
        if (pid != null) return RemoteIdentity(pid, said.substringAfter(' ').toLongOrNull())
        throw when (said) {
            RemoteScript.MISSING_FOLDER -> NoSuchFileException(dir, null, "there is no such folder for $program to run in")
            RemoteScript.NO_FOLDER -> NotDirectoryException("$dir, in which $program was to run")
            RemoteScript.MISSING_PROGRAM -> NoSuchFileException(program, null, "there is no such program, where $tool runs it")
            RemoteScript.NO_PROGRAM -> AccessDeniedException(program, null, "it is no executable file, where $tool runs it")
            else -> notStarted(streams, process, before.joinToString(""))
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

    /** Byte by byte: what comes after it is the command's. A terminal ends it with a carriage return, too. Empty at the end. */
    private suspend fun ChildOutput.nextLine(): String {
        val line = ByteArrayOutputStream()
        val one = ByteBuffer.allocate(1)
        while (true) {
            val count = tryRead(one)
            if (count < 0) return line.toString("UTF-8")
            if (count == 0) awaitReadable() else line.write(one.array()[0].toInt())
            one.rewindToWrite()
            if (count > 0 && one.array()[0] == '\n'.code.toByte()) return line.toString("UTF-8")
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
