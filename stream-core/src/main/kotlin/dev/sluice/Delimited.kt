package dev.sluice

import java.nio.ByteBuffer
import java.nio.ByteOrder

/**
 * Messages of bytes, each with [separator] behind it, also the last one. The reader's limit is the longest that is received.
 *
 * @throws IllegalArgumentException the separator is empty
 */
public class Delimited(
    separator: ByteArray,
) : Codec<ByteArray> {
    private val separator = separator.copyOf()
    private val search = Separators.of(arrayOf(this.separator))

    /** @throws IllegalArgumentException the separator would be found before the end of the [message] */
    override fun encode(
        message: ByteArray,
        writer: StreamWriter,
    ) {
        val framed = message + separator
        val bytes = ByteBuffer.wrap(framed).order(ByteOrder.LITTLE_ENDIAN)
        require(SeparatorSearch().lengthThrough(search, bytes, 0, framed.size) == framed.size) {
            "a message can't have its separator in it, not even begin it"
        }
        writer.write(framed)
    }

    override suspend fun decode(reader: StreamReader): ByteArray? {
        if (reader.meetsEnd()) return null
        val framed = tooLongIfOverrun { reader.readUntil(separator) }
        return framed.copyOf(framed.size - separator.size)
    }

    override fun toString(): String = "Delimited(${separator.size} bytes)"
}

internal inline fun <T> tooLongIfOverrun(read: () -> T): T =
    try {
        read()
    } catch (e: LimitOverrunException) {
        throw e.asTooLong()
    }
