package dev.sluice.docs

/** A line of code, and where on its page it stands. */
internal data class Line(
    val number: Int,
    val text: String,
)

internal enum class Language {
    KOTLIN,
    JAVA,
}

/** A block of code on a page, with what the comments around it say. */
internal class Block(
    val page: String,
    val line: Int,
    val language: Language,
    val code: List<Line>,
    val markers: Markers,
) {
    val place = "$page:$line"
    var after = emptyList<Line>()

    val lines get() = markers.before + code + after
}

/** What the comments right before a block say of it. */
internal data class Markers(
    val before: List<Line> = emptyList(),
    val goesOn: Boolean = false,
    val compiledOnly: Boolean = false,
    val members: Boolean = false,
)
