package dev.sluice.docs

import java.nio.file.Path

/** How examples in a language become classes. */
internal interface ExampleCompiler {
    /** A class and a static method named as the [example] says. They may use the [members]. */
    fun source(
        example: Example,
        members: Source?,
    ): Source

    /** What all examples of a page may use. */
    fun members(blocks: List<Block>): Source

    /** Puts the classes into the folder [output], and tells what is wrong with the [sources]. */
    fun compile(
        sources: List<Source>,
        output: Path,
    ): List<String>
}
