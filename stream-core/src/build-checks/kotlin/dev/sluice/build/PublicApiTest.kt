package dev.sluice.build

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import org.jetbrains.kotlin.abi.tools.AbiFilters
import org.jetbrains.kotlin.abi.tools.AbiTools
import java.io.File

private const val REWRITE = "mvn clean test -Dtest=PublicApiTest -Dapi.update -Dsurefire.failIfNoSpecifiedTests=false"

/** The public binary interface of this module is the committed file api/<module>.api; -Dapi.update writes it anew. */
internal class PublicApiTest : FunSpec({
    test("the public API is the committed one") {
        val module = File("").absoluteFile // Surefire's working directory
        val committed = module.resolve("api/${module.name}.api")
        val current = module.resolve("target/${module.name}.api")
        val tools = AbiTools.getInstance()

        val compiled = module.resolve("target/classes")
        val classes = compiled.walk().filter { it.extension == "class" && it.name != "module-info.class" }.toList()
        current.bufferedWriter().use { tools.printJvmDump(it, classes, AbiFilters.EMPTY) }
        withClue("a module with classes has a dump with lines") {
            current.readText().isNotBlank() shouldBe classes.any { it.name != "package-info.class" }
        }

        if (System.getProperty("api.update") != null) {
            current.copyTo(committed, overwrite = true)
        }
        withClue("$committed is there; this writes it: $REWRITE") { committed.exists() shouldBe true }
        withClue("the public API changed; where that is meant, this rewrites the dump: $REWRITE") {
            tools.filesDiff(committed, current).shouldBeNull()
        }
    }
})
