package dev.sluice.docs

import java.io.File

/** A page of the documentation; its name is its path in this project. */
internal class Page(
    val name: String,
    text: String,
) {
    val lines = text.lines()
    val blocks = PageParser(name, lines).blocks()

    /** A block that goes on is a part of the example before it in the same language. */
    val examples: List<Example> =
        Language.entries
            .flatMap { language -> examplesOf(blocks.filter { it.language == language && !it.markers.members }) }
            .sortedBy { it.line }

    /** What all examples of the [language] on this page may use. */
    fun members(language: Language): List<Block> = blocks.filter { it.language == language && it.markers.members }

    private fun examplesOf(blocks: List<Block>): List<Example> {
        val parts = ArrayList<MutableList<Block>>()
        for (block in blocks) {
            if (!block.markers.goesOn) {
                parts += mutableListOf(block)
            } else {
                require(parts.isNotEmpty()) { "${block.place}: there is nothing before it that could go on" }
                require(!block.markers.compiledOnly) { "${block.place}: whether an example is run, its first block says" }
                parts.last() += block
            }
        }
        return parts.map(::Example)
    }

    companion object {
        private val root = File("..").canonicalFile

        /** The README and all guides. */
        fun all(): List<Page> = (listOf("README.md") + guides()).map { Page(it, root.resolve(it).readText()) }

        private fun guides() =
            root
                .resolve("docs")
                .list { _, name -> name.endsWith(".md") }!!
                .sorted()
                .map { "docs/$it" }
    }
}
