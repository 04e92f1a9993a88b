package dev.sluice.docs

import java.io.File

/** The links of a page, and what can be linked to on it. */
internal class Links(
    private val file: File,
) {
    private val name = "${file.parentFile.name}/${file.name}"
    private val prose = file.readLines().withoutCode()

    /** Those to files and headings that are not there, with their lines. */
    fun broken(): List<String> =
        prose.flatMap { line ->
            targets(line.text).filterNot { isOutside(it) || leadsSomewhere(it) }.map { "$name:${line.number}: $it" }
        }

    fun targets(): List<File> =
        prose
            .flatMap { targets(it.text) }
            .filterNot(::isOutside)
            .map { fileOf(it) }

    private fun targets(line: String) =
        TARGET
            .findAll(line)
            .map { match ->
                match.groupValues.drop(1).first {
                    it.isNotEmpty()
                }
            }.toList()

    private fun isOutside(target: String) = OUTSIDE.containsMatchIn(target)

    private fun leadsSomewhere(target: String): Boolean {
        val there = fileOf(target)
        val anchor = target.substringAfter('#', "")
        return there.exists() && (anchor.isEmpty() || there.extension != "md" || anchor in Links(there).anchors)
    }

    private fun fileOf(target: String): File {
        val path = target.substringBefore('#')
        return if (path.isEmpty()) file else file.resolveSibling(path).normalize()
    }

    /** Of its headings, as GitHub makes them. */
    private val anchors: Set<String> by lazy {
        val seen = HashMap<String, Int>()
        prose
            .mapNotNull { HEADING.find(it.text)?.groupValues?.get(1) }
            .map { heading ->
                val name =
                    heading
                        .replace(LINK, "$1")
                        .lowercase()
                        .replace(NEITHER_WORD_NOR_SPACE, "")
                        .replace(' ', '-')
                val count = seen.merge(name, 1, Int::plus)!! - 1
                if (count == 0) name else "$name-$count"
            }.toSet()
    }

    private companion object {
        val TARGET = Regex("""\]\(([^)\s]+)[^)]*\)|(?:href|src|srcset)="([^"]+)"|^\[[^]]+]: (\S+)""")
        val OUTSIDE = Regex("^(?:https?|mailto):")
        val HEADING = Regex("^#+ (.+)$")
        val LINK = Regex("""\[([^]]+)]\([^)]+\)""")
        val NEITHER_WORD_NOR_SPACE = Regex("""[^\p{L}\p{N}_\- ]""")

        /** Neither blocks nor code within a line has links. */
        fun List<String>.withoutCode(): List<Line> {
            var fence: String? = null
            return mapIndexedNotNull { index, line ->
                val ticks = Regex("^ *(`{3,})").find(line)?.groupValues?.get(1)
                val isCode = fence != null || ticks != null
                if (ticks != null) fence = if (fence == null) ticks else fence.takeIf { it != ticks }
                if (isCode) {
                    null
                } else {
                    Line(
                        index + 1,
                        line.replace(Regex("`[^`]*`"), { if (line.startsWith("#")) it.value.trim('`') else "" }),
                    )
                }
            }
        }
    }
}
