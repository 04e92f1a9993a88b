package dev.sluice.docs

import dev.sluice.oracle.Python
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.ints.shouldBeGreaterThan
import java.io.File
import java.nio.file.Files

/** That docs/from-asyncio.md names everything that asyncio has, which a CPython is asked for. */
internal class AsyncioNamesTest :
    FunSpec({
        val python = Python.find()
        if (python == null) println("NOT tested: that from-asyncio.md is complete, because there is no CPython")
        val page = File("../docs/from-asyncio.md").readText()

        fun testIfPython(
            name: String,
            test: (Python) -> Unit,
        ) = test(name).config(
            enabledOrReasonIf = { if (python != null) Enabled.enabled else Enabled.disabled("there is no CPython") },
        ) { test(python!!) }

        testIfPython("the page names each name of asyncio, and each member of what its streams are made of") {
            val names = it.run("asyncio-names.py").lines().filter(String::isNotEmpty)
            names.size shouldBeGreaterThan 150
            val missing = names.filterNot(NamesOnPage(page)::contains)
            if (it.isAtLeast(NEWEST_KNOWN + 1)) {
                println("NOT checked: $it is newer than what from-asyncio.md knows; it has besides: $missing")
            } else {
                missing.shouldBeEmpty()
            }
        }

        testIfPython("the blocks in Python are Python") {
            val blocks =
                Regex(
                    "```python\n(.*?)```",
                    RegexOption.DOT_MATCHES_ALL,
                ).findAll(page).map { it.groupValues[1] }.toList()
            blocks.size shouldBeGreaterThan 5
            blocks.forEach(it::mustCompile)
        }
    })

/** What comes with later versions is not known yet, and no reason to fail. */
private const val NEWEST_KNOWN = 14

/** The names in the code of a page, with what they are members of: `writer.drain()` is `writer.drain`, and `sleep(1)` is `sleep`. */
private class NamesOnPage(
    page: String,
) {
    private val inCode = Regex("`([^`\n]+)`").findAll(page).map { it.groupValues[1] }
    private val names = inCode.flatMap { Regex("\\w+(\\.\\w+)*").findAll(it) }.map { it.value }.toSet()

    operator fun contains(name: String) = name in names
}

private fun Python.run(script: String): String {
    val source = AsyncioNamesTest::class.java.getResource(script)!!.readText()
    return run("-c", source)
}

/** As in the prompt of `python -m asyncio`, where `await` may stand outside of functions. */
private fun Python.mustCompile(block: String) {
    val file = Files.createTempFile("block", ".py").toFile()
    try {
        file.writeText(block)
        val compile = "import ast, sys; compile(open(sys.argv[1]).read(), sys.argv[1], 'exec', ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)"
        run("-c", compile, file.path)
    } finally {
        file.delete()
    }
}

private fun Python.run(vararg arguments: String): String {
    val process = ProcessBuilder(command, "-I", *arguments).redirectErrorStream(true).start()
    process.outputStream.close()
    val said = process.inputStream.bufferedReader().readText()
    check(process.waitFor() == 0) { "$this failed: $said" }
    return said
}
