package dev.sluice.docs

/** An HTML comment: what stands on its first line, and the lines below that. */
internal class Comment(
    val place: String,
    val title: String,
    val lines: List<Line>,
) {
    companion object {
        private const val END = "-->"

        fun begins(line: String): Boolean = line.startsWith("<!--")

        /** The comment that begins [lines], and how many of them are its. */
        fun read(
            page: String,
            lines: List<Line>,
        ): Pair<Comment, Int> {
            val place = "$page:${lines.first().number}"
            val last = lines.indexOfFirst { END in it.text }
            require(last >= 0) { "$place: this comment has no end" }
            val title =
                lines
                    .first()
                    .text
                    .removePrefix("<!--")
                    .substringBefore(END)
                    .trim()
            val between = lines.subList(1, maxOf(1, last))
            require(last == 0 || lines[last].text.trim() == END) {
                "$page:${lines[last].number}: the end of a comment stands on a line of its own"
            }
            return Comment(place, title, between) to last + 1
        }
    }
}
