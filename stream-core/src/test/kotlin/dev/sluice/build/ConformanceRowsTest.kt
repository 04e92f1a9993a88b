package dev.sluice.build

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldBeUnique
import io.kotest.matchers.collections.shouldNotBeEmpty
import java.io.File

private val root = File("..").canonicalFile
private const val ROW = """[A-Z]-\d+[a-z]?"""

/** What `docs/conformance-rows.txt` says: which part answers for which row, and which parts are there. */
private class Rows(
    text: List<String>,
) {
    private val lines = text.map { it.substringBefore('#').trim() }.filter { it.isNotEmpty() }
    val built = lines.single { it.startsWith("built ") }.split(' ').drop(1)
    val entries = lines.filterNot { it.startsWith("built ") }.map { it.split(' ', limit = 2) }
    val ids = entries.map { it[0] }

    fun withoutTest(tested: Set<String>) = entries.filter { (id, part) -> part != "none" && id !in tested }
}

/** The ids that the names of tests begin with, in all modules. */
private fun testedIds(): Set<String> {
    val name = Regex("""["`]($ROW(?:,? $ROW)*)[ :]""")
    return root
        .listFiles { file -> file.resolve("src/test").isDirectory }!!
        .flatMap { it.resolve("src/test").walk().filter { file -> file.extension in setOf("kt", "java") } }
        .flatMap { name.findAll(it.readText()) }
        .flatMap { it.groupValues[1].split(Regex(",? ")) }
        .toSet()
}

internal class ConformanceRowsTest :
    FunSpec({
        val rows = Rows(root.resolve("docs/conformance-rows.txt").readLines())
        val tested = testedIds()

        test("each row of a built part has a test that names it") {
            val missing = rows.withoutTest(tested)
            File("target/conformance-rows-without-test.txt").writeText(missing.joinToString("") { "${it[0]} ${it[1]}\n" })
            tested.shouldNotBeEmpty()
            missing.filter { (_, part) -> part in rows.built }.map { it[0] }.shouldBeEmpty()
        }

        test("a row stands once in the list, and no test names one that is not in it") {
            rows.ids.shouldBeUnique()
            (tested - rows.ids.toSet()).shouldBeEmpty()
        }

        test("a row without a test, or of no part, says why") {
            val lines = root.resolve("docs/conformance-rows.txt").readLines()
            lines.filter { Regex("$ROW none\\s*$").matches(it) }.shouldBeEmpty()
        }
    })
