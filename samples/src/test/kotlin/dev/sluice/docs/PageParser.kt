package dev.sluice.docs

private val fence = Regex("^( *)(`{3,})(\\S*)(.*)$")

/** Finds the blocks of Kotlin and Java on a page, and gives each its comments. A comment that belongs to no block is an error. */
internal class PageParser(
    private val page: String,
    text: List<String>,
) {
    private val lines = text.mapIndexed { index, line -> Line(index + 1, line) }
    private val found = ArrayList<Block>()

    /** Those since the last block or text. */
    private val comments = ArrayList<Comment>()

    /** The block that is not behind text yet. */
    private var latest: Block? = null

    fun blocks(): List<Block> {
        var at = 0
        while (at < lines.size) at += take(lines.subList(at, lines.size))
        belongToNothing()
        return found
    }

    /** How many lines belong together. */
    private fun take(rest: List<Line>): Int {
        val line = rest.first().text
        val opening = fence.find(line)
        return when {
            opening != null -> takeBlock(rest, opening)
            Comment.begins(line) -> takeComment(rest)
            else -> takeText(line)
        }
    }

    private fun takeText(line: String): Int {
        if (line.isNotBlank()) belongToNothing()
        return 1
    }

    private fun takeComment(rest: List<Line>): Int {
        val (comment, length) = Comment.read(page, rest)
        val block = latest
        if (comment.title == "after" && block != null && comments.isEmpty()) {
            block.after += comment.lines
        } else {
            comments += comment
        }
        return length
    }

    private fun takeBlock(
        rest: List<Line>,
        opening: MatchResult,
    ): Int {
        val (indent, ticks, language) = opening.destructured
        val number = rest.first().number
        val end = rest.drop(1).indexOfFirst { it.text.trim() == ticks } + 1
        require(end > 0) { "$page:$number: this block has no end" }
        val known = Language.entries.find { it.name.equals(language, ignoreCase = true) }
        if (known == null) {
            belongToNothing()
        } else {
            val code = rest.subList(1, end).map { Line(it.number, it.text.removePrefix(indent)) }
            latest = Block(page, number, known, code, markersOf(comments)).also { found += it }
            comments.clear()
        }
        return end + 1
    }

    private fun markersOf(comments: List<Comment>): Markers {
        var markers = Markers()
        for (comment in comments) {
            markers =
                when {
                    comment.title == "before" -> markers.copy(before = markers.before + comment.lines)
                    comment.title == "goes on" -> markers.copy(goesOn = true)
                    comment.title == "members" -> markers.copy(members = true)
                    comment.title.matches(Regex("compiled only: .+")) -> markers.copy(compiledOnly = true)
                    else -> throw IllegalArgumentException("${comment.place}: there is no such marker before a block")
                }
        }
        return markers
    }

    private fun belongToNothing() {
        val marker = comments.find { latest != null || it.title.substringBefore(':') in TITLES }
        require(marker == null) { "${marker!!.place}: this comment belongs to no block" }
        comments.clear()
        latest = null
    }

    private companion object {
        val TITLES = setOf("before", "after", "goes on", "members", "compiled only")
    }
}
