package dev.sluice

import java.nio.ByteBuffer
import java.nio.CharBuffer
import java.nio.charset.Charset
import java.nio.charset.CoderResult
import java.nio.charset.CodingErrorAction

/**
 * Decodes pieces of bytes into [text]; a character cut by the end of a piece waits for the next one.
 *
 * After malformed bytes that are to be reported it decodes no further, and [throwIfMalformed] throws each time.
 */
internal class IncrementalDecoder(
    charset: Charset,
    onMalformed: CodingErrorAction,
) {
    private val decoder = charset.newDecoder().onMalformedInput(onMalformed).onUnmappableCharacter(onMalformed)
    private var undecoded = NO_BYTES
    private var malformed: CoderResult? = null

    val text = StringBuilder()

    /** Whether no more text will come: the end was decoded, or malformed bytes were met. */
    var isFinished = false
        private set

    fun decode(bytes: ByteArray): Unit = decode(bytes, isLast = false)

    fun finish() {
        decode(NO_BYTES, isLast = true)
        isFinished = true
    }

    fun throwIfMalformed() {
        malformed?.throwException()
    }

    private fun decode(
        bytes: ByteArray,
        isLast: Boolean,
    ) {
        if (isFinished) return
        val input = ByteBuffer.wrap(if (undecoded.isEmpty()) bytes else undecoded + bytes)
        val output = CharBuffer.allocate(input.remaining() + SPARE)
        drain(output) { decoder.decode(input, it, isLast) }
        if (isLast && malformed == null) drain(output) { decoder.flush(it) }
        undecoded = ByteArray(input.remaining()).also(input::get)
    }

    private inline fun drain(
        output: CharBuffer,
        step: (CharBuffer) -> CoderResult,
    ) {
        while (true) {
            val result = step(output)
            text.append(output.array(), 0, output.position())
            (output as java.nio.Buffer).clear()
            if (result.isError) {
                malformed = result
                isFinished = true
            }
            if (!result.isOverflow) return
        }
    }

    private companion object {
        /** A replacement may be longer than what it replaces. */
        const val SPARE = 16
    }
}
