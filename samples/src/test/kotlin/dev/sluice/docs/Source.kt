package dev.sluice.docs

/** What a compiler gets: lines of a page with something around them. It knows which line comes from where. */
internal class Source private constructor(
    private val page: String,
    /** Like that of no other source, since compilers and stack traces tell no more. */
    val fileName: String,
    private val lines: List<Line>,
) {
    val text = lines.joinToString("\n", postfix = "\n") { it.text }

    fun place(line: Int): String = "$page:${lineOnPage(line)}"

    /** The frame of this source as if the page itself had been compiled. */
    fun onPage(frame: StackTraceElement): StackTraceElement =
        StackTraceElement(frame.className, frame.methodName, page, lineOnPage(frame.lineNumber))

    private fun lineOnPage(line: Int) = lines[(line - 1).coerceIn(lines.indices)].number

    /** Collects the lines. What is not from the page counts as the first line that is. */
    class Builder(
        private val number: Int,
    ) {
        val lines = ArrayList<Line>()

        operator fun String.unaryPlus() {
            lines += Line(number, this)
        }

        operator fun List<Line>.unaryPlus() {
            lines += this
        }
    }

    companion object {
        /** Of the [lines] of a page, whose imports have a place of their own. */
        fun of(
            page: String,
            fileName: String,
            lines: List<Line>,
            build: Builder.(imports: List<Line>, code: List<Line>) -> Unit,
        ): Source {
            val (imports, code) = lines.partition { it.text.startsWith("import ") }
            return Source(page, fileName, Builder(lines.first().number).apply { build(imports, code) }.lines)
        }
    }
}

internal fun List<Source>.named(fileName: String): Source? = find { it.fileName == fileName }
