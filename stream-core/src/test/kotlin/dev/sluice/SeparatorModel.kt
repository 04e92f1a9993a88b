package dev.sluice

/** Where separators are in an input, by trying every place. */
internal class SeparatorModel(
    private val input: String,
    separators: List<String>,
) {
    class Match(
        val start: Int,
        val end: Int,
    )

    private val shortestFirst = separators.sortedBy { it.length }
    val longest: Int = shortestFirst.last().length

    /** The match from [position] on that ends first; of those that end in one place the shortest. */
    fun match(position: Int): Match? {
        for (end in position + 1..input.length) {
            val separator = shortestFirst.firstOrNull { end - it.length >= position && input.startsWith(it, end - it.length) }
            if (separator != null) return Match(end - separator.length, end)
        }
        return null
    }
}
