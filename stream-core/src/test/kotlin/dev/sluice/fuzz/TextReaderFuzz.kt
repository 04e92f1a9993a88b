package dev.sluice.fuzz

import com.code_intelligence.jazzer.junit.FuzzTest
import dev.sluice.DEFAULT_LIMIT
import dev.sluice.LimitOverrunException
import dev.sluice.PiecewiseSource
import dev.sluice.StreamReader
import dev.sluice.hasPlainNewline
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Timeout
import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer
import java.nio.CharBuffer
import java.nio.charset.CharacterCodingException
import java.nio.charset.Charset
import java.nio.charset.CodingErrorAction

/** Text in pieces, and what the JDK makes of the whole. */
internal class TextReaderFuzz {
    @Timeout(60)
    @FuzzTest(maxDuration = "2m")
    fun holds(input: ByteArray) {
        val choices = Choices(input)
        val charset = choices.oneOf(CHARSETS)
        val onMalformed = choices.oneOf(ACTIONS)
        val limit = if (choices.yes()) 1 + choices.upTo(39) else DEFAULT_LIMIT
        val way = choices.upTo(2)
        val waits = choices.yes()
        val script = Choices(choices.bytes(choices.upTo(31)))
        val sizes = choices.bytes(choices.upTo(31))
        val bytes = if (choices.yes()) choices.rest() else spelt(choices.rest(), charset)
        val reader = StreamReader(PiecewiseSource(pieces(bytes, sizes), waits), limit)
        runBlocking {
            if (way == 2 && charset.hasPlainNewline()) {
                LinesOfBytes(bytes, charset, reader).run()
            } else {
                TextInPieces(bytes, charset, onMalformed, byLine = way == 1, reader, script).run()
            }
        }
    }

    private fun pieces(
        bytes: ByteArray,
        sizes: ByteArray,
    ): List<ByteArray> {
        val ends = sizes.runningFold(0) { end, size -> minOf(bytes.size, end + 1 + (size.toInt() and 0x0F)) } + bytes.size
        return ends.zipWithNext { from, to -> bytes.copyOfRange(from, to) }
    }

    /** Of random bytes few are text, and fewer change the state of a charset that has some. */
    private fun spelt(
        bytes: ByteArray,
        charset: Charset,
    ): ByteArray {
        val spelt = ByteArrayOutputStream()
        for (byte in bytes) {
            val word = WORDS.getOrNull(byte.toInt())
            if (word == null) spelt.write(byte.toInt()) else spelt.write(word.toByteArray(charset))
        }
        return spelt.toByteArray()
    }

    private companion object {
        val UNICODE = listOf("UTF-8", "UTF-16", "UTF-16LE", "UTF-32")
        val CHARSETS =
            (UNICODE + listOf("ISO-8859-1", "US-ASCII", "Shift_JIS", "ISO-2022-JP", "EUC-JP", "GB18030", "IBM1047"))
                .filter(Charset::isSupported)
                .map(Charset::forName)
        val ACTIONS = listOf(CodingErrorAction.REPLACE, CodingErrorAction.REPORT, CodingErrorAction.IGNORE)
        val WORDS = listOf("\n", "a", "é", "€", "日本", "ｱ", "😀", "\r\n", "\uFEFF", "ソ", "\u001B\$B", "\u001B(B")
    }
}

/** What the JDK says of all bytes at once. */
private class Decoded(
    bytes: ByteArray,
    charset: Charset,
    onMalformed: CodingErrorAction,
) {
    private val chars: CharBuffer
    val failure: CharacterCodingException?

    init {
        val decoder = charset.newDecoder().onMalformedInput(onMalformed).onUnmappableCharacter(onMalformed)
        chars = CharBuffer.allocate(16 + (bytes.size * decoder.maxCharsPerByte()).toInt())
        val result = decoder.decode(ByteBuffer.wrap(bytes), chars, true)
        failure =
            if (result.isError) runCatching { result.throwException() }.exceptionOrNull() as CharacterCodingException else null
        if (failure == null) decoder.flush(chars)
    }

    val text = String(chars.array(), 0, chars.position())
}

private class TextInPieces(
    private val bytes: ByteArray,
    private val charset: Charset,
    onMalformed: CodingErrorAction,
    private val byLine: Boolean,
    private val reader: StreamReader,
    private val script: Choices,
) {
    private val whole = Decoded(bytes, charset, onMalformed)
    private val text = reader.text(charset, byLine, onMalformed)
    private var position = 0

    /** Neither a line over the limit nor all that there is can be had. */
    private var isBlocked = false

    suspend fun run() {
        while (!script.isUsedUp) {
            if (script.upTo(15) == 15) readAll() else piece()
        }
        do {
            val more = piece()
        } while (more)
        if (isBlocked) return
        check(position == whole.text.length) { "the end came at $position of ${whole.text.length}" }
        repeat(2) { meetEnd() }
    }

    /** Whether there was one. */
    private suspend fun piece(): Boolean {
        try {
            if (!text.iterator().hasNext()) {
                check(whole.failure == null) { "the end, and not ${whole.failure}" }
                return false
            }
        } catch (e: LimitOverrunException) {
            check(byLine && e.limit == reader.limit && longestLine() > reader.limit) { "${longestLine()} is no overrun: $e" }
            readAll()
            isBlocked = whole.failure != null
            return !isBlocked
        } catch (e: CharacterCodingException) {
            sameFailure(e)
            return false
        }
        val piece = text.iterator().next()
        check(piece.isNotEmpty()) { "a piece of nothing" }
        if (byLine) {
            val newline = whole.text.indexOf('\n', position)
            val length = (if (newline < 0) whole.text.length else newline + 1) - position
            check(piece.length == length) { "a line of ${piece.length} instead of $length" }
        }
        took(piece)
        return true
    }

    private suspend fun readAll() {
        try {
            took(text.read())
            check(whole.failure == null && position == whole.text.length) { "read() was not all" }
        } catch (e: CharacterCodingException) {
            sameFailure(e)
        }
    }

    private suspend fun meetEnd() {
        try {
            check(!text.iterator().hasNext() && text.read().isEmpty() && whole.failure == null) { "the end is no end" }
        } catch (e: CharacterCodingException) {
            sameFailure(e)
        }
    }

    private fun sameFailure(e: CharacterCodingException) = check("$e" == "${whole.failure}") { "$e instead of ${whole.failure}" }

    private fun took(piece: String) {
        check(whole.text.startsWith(piece, position)) { "at $position of '${whole.text}' came '$piece'" }
        position += piece.length
    }

    /** In bytes: those that there are where lines are cut before they are decoded, else about as many as the text has. */
    private fun longestLine(): Int {
        if (charset.hasPlainNewline()) return bytes.toString(Charsets.ISO_8859_1).split('\n').maxOf { it.length }
        return (whole.text.split('\n').maxOf { it.length } * charset.newEncoder().averageBytesPerChar()).toInt()
    }
}

/** [StreamReader.readLine]: each line is decoded for itself. */
private class LinesOfBytes(
    bytes: ByteArray,
    private val charset: Charset,
    private val reader: StreamReader,
) {
    private val lines = bytes.toString(Charsets.ISO_8859_1).split('\n').map { it.toByteArray(Charsets.ISO_8859_1) }

    suspend fun run() {
        for (line in lines.dropLast(1)) next(if (line.lastOrNull() == RETURN) line.copyOf(line.size - 1) else line, line.size)
        if (lines.last().isNotEmpty()) next(lines.last(), lines.last().size)
        repeat(2) { check(reader.readLine(charset) == null) { "a line after the last" } }
    }

    private suspend fun next(
        line: ByteArray,
        length: Int,
    ) {
        try {
            val actual = reader.readLine(charset)
            check(length <= reader.limit) { "$length bytes are over the limit of ${reader.limit}" }
            check(actual == line.toString(charset)) { "'$actual' instead of '${line.toString(charset)}'" }
        } catch (e: LimitOverrunException) {
            check(length > reader.limit) { "a line of $length bytes: $e" }
            reader.skipUntil()
        }
    }

    private companion object {
        const val RETURN = '\r'.code.toByte()
    }
}
