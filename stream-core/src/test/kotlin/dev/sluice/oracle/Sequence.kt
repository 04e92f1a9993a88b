package dev.sluice.oracle

/** What is done to a reader. Its text is what the driver reads, what a failure shows and what a replay is given. */
internal sealed interface Step

/** Bytes are written here as the characters 0 to 255, so that they compare and read well. */
internal data class Feed(
    val bytes: String,
) : Step {
    override fun toString() = "feed:${bytes.escaped()}"
}

internal data object FeedEof : Step {
    override fun toString() = "eof"
}

/** Cancels the operation that waits, if one does. */
internal data object Cancel : Step {
    override fun toString() = "cancel"
}

internal sealed interface Operation : Step

internal data class Read(
    val n: Int,
) : Operation {
    val isToEnd get() = n < 0

    override fun toString() = "read:$n"
}

internal data class ReadInto(
    val room: Int,
) : Operation {
    override fun toString() = "into:$room"
}

internal data class ReadExactly(
    val n: Int,
) : Operation {
    override fun toString() = "exactly:$n"
}

/** [StreamReader.readUntil][dev.sluice.StreamReader.readUntil]; without separators it is called without an argument. */
internal data class ReadUntil(
    val separators: List<String>,
) : Operation {
    override fun toString() = if (separators.isEmpty()) "until" else separators.joinToString(",", "until:") { it.escaped() }
}

internal data object ReadLineBytes : Operation {
    override fun toString() = "line"
}

internal data object ReadLine : Operation {
    override fun toString() = "text"
}

/** One step of a loop over the reader. */
internal data object Iterate : Operation {
    override fun toString() = "next"
}

/** Steps between which nobody else runs. An operation has a turn of its own. */
internal data class Turn(
    val steps: List<Step>,
) {
    override fun toString() = steps.joinToString("+")
}

internal data class Sequence(
    val limit: Int,
    val turns: List<Turn>,
) {
    override fun toString() = turns.joinToString(" ", "limit=$limit ")

    companion object {
        fun parse(text: String): Sequence {
            val words = text.trim().split(' ')
            val turns = words.drop(1).map { turn -> Turn(turn.split('+').map(::parseStep)) }
            return Sequence(words[0].removePrefix("limit=").toInt(), turns)
        }

        private fun parseStep(text: String): Step {
            val argument = text.substringAfter(':', "")
            return when (val name = text.substringBefore(':')) {
                "feed" -> Feed(argument.unescaped())
                "eof" -> FeedEof
                "cancel" -> Cancel
                "read" -> Read(argument.toInt())
                "into" -> ReadInto(argument.toInt())
                "exactly" -> ReadExactly(argument.toInt())
                "until" -> ReadUntil(if (':' in text) argument.split(',').map { it.unescaped() } else emptyList())
                "line" -> ReadLineBytes
                "text" -> ReadLine
                "next" -> Iterate
                else -> error("there is no step $name")
            }
        }
    }
}

private val escapes =
    List(256) {
        when (val char = it.toChar()) {
            '\n' -> "\\n"
            '\r' -> "\\r"
            in 'a'..'z', in 'A'..'Z', in '0'..'9' -> "$char"
            else -> "\\x%02x".format(it)
        }
    }

internal fun String.escaped(): String = buildString { for (char in this@escaped) append(escapes[char.code]) }

internal fun String.unescaped(): String =
    Regex("""\\(n|r|x[0-9a-f]{2})""").replace(this) {
        when (val name = it.groupValues[1]) {
            "n" -> {
                "\n"
            }

            "r" -> {
                "\r"
            }

            else -> {
                name
                    .drop(1)
                    .toInt(16)
                    .toChar()
                    .toString()
            }
        }
    }

internal fun String.bytes(): ByteArray = toByteArray(Charsets.ISO_8859_1)

internal fun ByteArray.text(): String = toString(Charsets.ISO_8859_1)
