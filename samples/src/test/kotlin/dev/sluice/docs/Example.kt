package dev.sluice.docs

/** Blocks of a page that are one function. */
internal class Example(
    val blocks: List<Block>,
) {
    val page = blocks.first().page
    val line = blocks.first().line
    val place = blocks.first().place
    val language = blocks.first().language
    val isRun = !blocks.first().markers.compiledOnly

    /** The Java class in which it is, or is compiled to. */
    val className = "${packageOf(page)}.Example$line"

    /** The method that runs it. Kotlin has no two functions of one name in a package. */
    val methodName = "run$line"

    /** Its code, in which the port of the pages is a free one. */
    val lines: List<Line> by lazy {
        val port = freePort().toString()
        blocks.flatMap { it.lines }.map { it.copy(text = it.text.replace(portOfThePages, port)) }
    }

    companion object {
        private val portOfThePages = Regex("\\b8888\\b")

        fun packageOf(page: String): String = "pages." + page.removeSuffix(".md").replace(Regex("\\W"), "_")
    }
}
