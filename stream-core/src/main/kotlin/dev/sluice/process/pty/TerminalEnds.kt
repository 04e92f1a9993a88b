@file:NotOnAndroid

package dev.sluice.process.pty

import dev.sluice.NotOnAndroid
import java.io.FilterInputStream
import java.io.FilterOutputStream
import java.io.InputStream
import java.io.OutputStream

/**
 * What is typed. Closing it types the character that ends the input: to close the terminal itself would hang it up, and the process
 * with it. In the middle of a line the first one only ends the line.
 */
@NotOnAndroid
internal class TerminalInput(
    terminal: OutputStream,
) : FilterOutputStream(terminal) {
    private var isAtLineStart = true

    override fun write(
        bytes: ByteArray,
        offset: Int,
        length: Int,
    ) {
        out.write(bytes, offset, length)
        if (length > 0) isAtLineStart = bytes[offset + length - 1].toInt() in LINE_ENDS
    }

    override fun close() {
        repeat(if (isAtLineStart) 1 else 2) { out.write(END_OF_INPUT) }
        out.flush()
    }

    private companion object {
        const val END_OF_INPUT = 4
        val LINE_ENDS = listOf('\n'.code, '\r'.code)
    }
}

/**
 * What is shown. Only when the process has ended is the terminal closed, with [keyboard]: closing it before would hang it up, also where
 * the process has closed its own ends and is about to leave.
 */
@NotOnAndroid
internal class TerminalOutput(
    private val process: Process,
    screen: InputStream,
    private val keyboard: OutputStream,
) : FilterInputStream(screen) {
    override fun read(
        bytes: ByteArray,
        offset: Int,
        length: Int,
    ): Int = `in`.read(bytes, offset, length).also { if (it < 0) close() }

    override fun close() {
        if (process.isAlive) process.onExit().thenRun(::hangUp) else hangUp()
    }

    private fun hangUp() {
        `in`.use { keyboard.close() }
    }
}
