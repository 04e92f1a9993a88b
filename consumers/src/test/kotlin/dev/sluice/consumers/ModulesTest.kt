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

private val NAMES = mapOf("stream-core" to "dev.sluice.core", "stream-java-api" to "dev.sluice.async", "stream-ktor" to "dev.sluice.ktor")

/** What is staged are modules of Java. */
internal class ModulesTest :
    FunSpec({
        val modules by lazy { Staging.modules.associateWith { ModuleFinder.of(Staging.file(it, ".jar").toPath()).findAll().single() } }

        test("each jar is a module by a descriptor of its own") {
            modules.mapValues { (_, module) -> module.descriptor().name() } shouldBe NAMES
            modules.values.filter { it.descriptor().isAutomatic }.shouldBeEmpty()
        }

        test("no package is in two of them") {
            modules.values.flatMap { it.descriptor().packages() }.groupingBy { it }.eachCount().filterValues { it > 1 } shouldBe emptyMap()
        }

        test("the packages that others may use are exported, and no others") {
            val exported = modules.values.flatMap { module -> module.exported() }
            exported.sorted() shouldContainExactly
                listOf("async", "net", "process", "testing", "tls", "transport").map { "dev.sluice.$it" }.plus("dev.sluice").sorted()
            for ((name, module) in modules) withClue(name) { module.exported() shouldBe packagesOfApi(name) }
        }

        test("what they use of other modules they ask for, but for what is optional") {
            val path = FreshProject.build("java", Jdk.ofThisBuild).modulePath
            for (name in NAMES.values) {
                val found = jdeps("--multi-release", "11", "--module-path", path, "--missing-deps", "--module", name)
                val missing = Regex("-> (\\S+) +not found").findAll(found).map { it.groupValues[1] }.toList()
                withClue(name) { missing.filterNot { it.startsWith("com.pty4j.") || it.startsWith("org.jline.") }.shouldBeEmpty() }
                missing.isNotEmpty() shouldBe (name == "dev.sluice.core")
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
