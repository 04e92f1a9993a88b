package dev.sluice.oracle

/** What became of a step, in Sluice's words. */
internal sealed interface Outcome

/** A step that is no operation was done. */
internal data object Fine : Outcome {
    override fun toString() = "done"
}

/** An operation waits. */
internal data object Waits : Outcome {
    override fun toString() = "waits"
}

/** An operation gave bytes. */
internal data class Gave(
    val bytes: String,
) : Outcome {
    override fun toString() = "\"${bytes.escaped()}\""
}

/** [readLine][dev.sluice.StreamReader.readLine] gave text, or nothing at the end. */
internal data class GaveText(
    val text: String?,
) : Outcome {
    override fun toString() = "text ${text?.let { "\"${it.escaped()}\"" }}"
}

/** The loop is over. */
internal data object LoopEnded : Outcome {
    override fun toString() = "no more"
}

/** An exception with its fields. */
internal data class Threw(
    val name: String?,
    val fields: List<String> = emptyList(),
) : Outcome {
    override fun toString() = "$name${fields.map { it.escaped() }}"
}

/** The bytes that are left, as CPython has them in its buffer. */
internal data class Left(
    val bytes: String,
) : Outcome {
    override fun toString() = "has \"${bytes.escaped()}\" left"
}

internal data class AtEof(
    val value: Boolean,
) : Outcome {
    override fun toString() = if (value) "is at the end" else "is not at the end"
}

/** What CPython makes of a turn: the [outcomes] of its steps, then that of the operation that was waiting before, if one was. */
internal class Answer(
    val outcomes: List<Outcome>,
    val left: String,
    val atEof: Boolean,
) {
    companion object {
        fun parseAll(text: String): List<Answer> = text.split(' ').map(::parse)

        private fun parse(text: String): Answer {
            val (outcomes, left, end) = text.split('/')
            return Answer(outcomes.split('+').map(::parseOutcome), left.unescaped(), end == "ended")
        }

        private fun parseOutcome(text: String): Outcome {
            val words = text.split(':')
            return when (words[0]) {
                "ok" -> Fine
                "waits" -> Waits
                "end" -> LoopEnded
                "bytes" -> Gave(words[1].unescaped())
                else -> Threw(namesOfErrors[words[0]] ?: words[0], words.drop(1).map { it.unescaped() })
            }
        }
    }
}
