package dev.sluice.consumers

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.io.PrintWriter
import java.io.StringWriter
import java.lang.module.ModuleDescriptor
import java.lang.module.ModuleFinder
import java.lang.module.ModuleReference
import java.util.spi.ToolProvider

private val NAMES =
    mapOf("stream-core" to "dev.sluice.core", "stream-java-api" to "dev.sluice.async", "stream-ktor" to "dev.sluice.ktor")

/** What a program runs without: terminals' libraries, and annotations. */
private val OPTIONAL =
    mapOf("dev.sluice.core" to setOf("com.pty4j", "org.jline"), "dev.sluice.async" to setOf("org.jspecify"))

private val EXPORTED =
    listOf("", ".async", ".net", ".process", ".testing", ".tls", ".transport").map { "dev.sluice$it" }

/** What is staged are modules of Java. */
internal class ModulesTest :
    FunSpec({
        fun module(name: String) = ModuleFinder.of(Staging.file(name, ".jar").toPath()).findAll().single()

        val modules by lazy { Staging.modules.associateWith(::module) }

        test("each jar is a module by a descriptor of its own") {
            modules.mapValues { (_, module) -> module.descriptor().name() } shouldBe NAMES
            modules.values.filter { it.descriptor().isAutomatic }.shouldBeEmpty()
        }

        test("no package is in two of them") {
            val packages = modules.values.flatMap { it.descriptor().packages() }
            packages shouldBe packages.distinct()
        }

        test("the packages that others may use are exported, and no others") {
            modules.values.flatMap { it.exported() }.sorted() shouldContainExactly EXPORTED
            for ((name, module) in modules) withClue(name) { module.exported() shouldBe packagesOfApi(name) }
        }

        test("what they use of other modules they ask for, but for what is optional") {
            val path = FreshProject.build("java", Jdk.ofThisBuild).modulePath
            for (name in NAMES.values) {
                val found = jdeps("--multi-release", "11", "--module-path", path, "--missing-deps", "--module", name)
                val missing = Regex("-> (\\S+) +not found").findAll(found).map { it.groupValues[1] }
                val libraries = missing.map { it.split('.').take(2).joinToString(".") }.toSet()
                withClue(name) { libraries shouldBe OPTIONAL[name].orEmpty() }
            }
        }
    })

private fun ModuleReference.exported() = descriptor().exports().map(ModuleDescriptor.Exports::source).toSet()

private fun jdeps(vararg arguments: String): String {
    val output = StringWriter()
    val code = PrintWriter(output).use { ToolProvider.findFirst("jdeps").get().run(it, it, *arguments) }
    withClue(output) { code shouldBe 0 }
    return output.toString()
}
