package dev.sluice

import java.nio.charset.Charset

/**
 * Messages of text, each a line, which ends with `"\n"`, or when it is received with `"\r\n"`; the last one may lack it. The reader's limit is the
 * longest that is received.
 *
 * @param charset of those that write a newline as the byte 0A
 */
public class Lines
    @JvmOverloads
    constructor(
        private val charset: Charset = Charsets.UTF_8,
    ) : Codec<String> {
        init {
            require(charset.hasPlainNewline()) { "a line in $charset does not end with the byte 0A" }
        }

        /** @throws IllegalArgumentException the [message] has a newline in it or a carriage return at its end, and would be received as another */
        override fun encode(
            message: String,
            writer: StreamWriter,
        ) {
            require('\n' !in message) { "a message that is a line can't have a newline in it" }
            require(!message.endsWith('\r')) {
                "a message that is a line can't end with a carriage return, which would be taken for a part of its end"
            }
            writer.write(message + "\n", charset)
        }

        override suspend fun decode(reader: StreamReader): String? = tooLongIfOverrun { reader.readLine(charset) }

        override fun toString(): String = "Lines($charset)"
    }
