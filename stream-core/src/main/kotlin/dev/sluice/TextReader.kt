package dev.sluice

import kotlinx.coroutines.flow.Flow
import java.nio.charset.Charset
import java.nio.charset.CodingErrorAction

/**
 * A [StreamReader]'s bytes as text, decoded as they come.
 *
 * ```kotlin
 * for (line in process.stdout.text(byLine = true)) print(line)
 * ```
 * A character whose bytes arrive in pieces comes out whole, whatever the pieces. With REPORT, malformed bytes are a
 * [java.nio.charset.MalformedInputException], which repeats. Iterating delivers the text before them first; [read] is all or
 * nothing.
 *
 * Lines are cut before they are decoded, so the rest of the stream stays in the reader; its limit holds for them. In a charset
 * that writes a newline as anything but the byte 0A (UTF-16, EBCDIC) the text is decoded first and cut then, and what was
 * decoded ahead stays in here. A line over the limit is then not the reader's to skip: [read] takes it.
 *
 * **Cancel safety**: a cancelled read loses nothing; the text it had is the beginning of the next one.
 */
public class TextReader internal constructor(
    private val reader: StreamReader,
    charset: Charset,
    private val byLine: Boolean,
    onMalformed: CodingErrorAction,
) {
    private val decoder = IncrementalDecoder(charset, onMalformed)
    private val text = decoder.text
    private val cutsBytes = byLine && charset.hasPlainNewline()

    /** Where the text begins that was not delivered, and from where on it was not yet searched for a newline. */
    private var from = 0
    private var searched = 0

    /** Everything until the end. */
    public suspend fun read(): String {
        while (!decoder.isFinished) {
            decode(reader.read(READ_SIZE))
        }
        decoder.throwIfMalformed()
        return take(text.length - from)
    }

    /** Pieces of text as they come, or lines with their `"\n"`. */
    public operator fun iterator(): TextIterator = TextIterator(this)

    /** What [iterator] goes through. */
    public fun asFlow(): Flow<String> =
        TakingFlow {
            for (piece in this@TextReader) emit(piece)
        }

    /** Decodes until there is another piece; whether there is. */
    internal suspend fun awaitNext(): Boolean {
        while (nextLength() == 0) {
            if (decoder.isFinished) {
                decoder.throwIfMalformed()
                return false
            }
            if (cutsBytes) decodeLine(reader.readLineBytes()) else decode(reader.read(READ_SIZE))
        }
        return true
    }

    /** A line without a newline is the last one: to ask for another would be a step that can be cancelled, with this one in here. */
    private fun decodeLine(line: ByteArray) {
        decode(line)
        if (line.isNotEmpty() && line.last() != NEWLINE) decoder.finish()
    }

    internal fun takeNext(): String {
        val length = nextLength()
        if (length == 0) throw NoSuchElementException("no text is there: hasNext() has to come first")
        return take(length)
    }

    /** How much text the next piece has; 0 if it is not there yet. */
    private fun nextLength(): Int {
        val there = text.length - from
        if (!byLine) return there
        val newline = text.indexOf("\n", searched)
        searched = if (newline < 0) text.length else newline
        checkLimit(searched - from)
        return when {
            newline >= 0 -> newline + 1 - from
            decoder.isFinished -> there
            else -> 0
        }
    }

    /** A line that is cut before it is decoded meets the limit in the reader; one that was decoded ahead meets it here. */
    private fun checkLimit(characters: Int) {
        val bytes = (characters * bytesPerCharacter).toInt()
        if (!cutsBytes && bytes > reader.limit) {
            val what = "about $bytes bytes of text without a newline are more than the limit of ${reader.limit}"
            throw LimitOverrunException(bytes, reader.limit, "$what; take them with read(), or raise the limit")
        }
    }

    private val bytesPerCharacter = if (charset.canEncode()) charset.newEncoder().averageBytesPerChar() else 1f

    private fun decode(bytes: ByteArray) {
        text.delete(0, from)
        searched -= from
        from = 0
        if (bytes.isEmpty()) decoder.finish() else decoder.decode(bytes)
    }

    private fun take(length: Int): String {
        val taken = text.substring(from, from + length)
        from += length
        if (from == text.length) {
            // What is idle holds next to nothing.
            text.setLength(0)
            if (text.capacity() > KEPT_CAPACITY) text.trimToSize()
            from = 0
        }
        searched = from
        return taken
    }

    private companion object {
        /** Room for a usual line, so that reading lines does not make it anew for each. */
        const val KEPT_CAPACITY = 256

        const val NEWLINE = '\n'.code.toByte()
    }
}

/** Goes through the pieces of a [TextReader]. It keeps nothing of its own: a loop that is left leaves the rest there. */
public class TextIterator internal constructor(
    private val reader: TextReader,
) {
    /** Whether there is another piece, waiting for it if need be. */
    public suspend operator fun hasNext(): Boolean = reader.awaitNext()

    /** The piece that [hasNext] has seen. */
    public operator fun next(): String = reader.takeNext()
}
