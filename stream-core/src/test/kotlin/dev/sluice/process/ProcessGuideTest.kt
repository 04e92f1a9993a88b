@file:Suppress("ktlint:standard:multiline-expression-wrapping", "ktlint:standard:statement-wrapping")

package dev.sluice.process

import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import java.io.File
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/** What docs/processes.md tells its readers to write. */
internal class ProcessGuideTest :
    FunSpec({
        val dataset = tempdir().toPath()
        val folder = tempdir().toPath()

        test("a process and its streams") {
            // example
            startProcess("sort").use { sort ->
                sort.stdin.write("b\na\n")
                sort.stdin.writeEof()
                check(sort.stdout.readLine() == "a")
                check(sort.stdout.readLine() == "b")
                check(sort.awaitExit() == 0)
            }

            val options = ProcessOptions { workDir = folder; env = mapOf("LANG" to "C") }
            val result = startProcess("ls", "-a", options = options).use { it.communicate() }
            check(result.returnCode == 0)
            // end
            result.stdout.decodeToString() shouldBe ".\n..\n"
        }

        eachPlace("a sandbox", listOf(Place.BUBBLEWRAP)) {
            // example
            val options = SandboxOptions {
                launcher = Launcher.bubblewrap { readOnly(dataset) }
                limits = SandboxLimits { cpuTime = 10.seconds; openFiles = 256 }
                timeout = 1.minutes
            }
            Sandbox.create("sleep", "infinity", options = options).use { sandbox ->
                val sum = sandbox.exec("expr", "6", "*", "7")
                check(sum.communicate().stdout.decodeToString() == "42\n")
            }
            // end
        }

        test("each example of the page stands in this file, and the other way round") {
            val blocks = Regex("```kotlin\n(.*?)```", RegexOption.DOT_MATCHES_ALL)
            val examples = Regex(" *// example\n(.*?)\n *// end\n", RegexOption.DOT_MATCHES_ALL)
            val shown = blocks.findAll(File("../docs/processes.md").readText()).map { it.groupValues[1].trim() }.toList()
            val source = File("src/test/kotlin/dev/sluice/process/ProcessGuideTest.kt").readText()
            examples.findAll(source).map { it.groupValues[1].trimIndent().trim() }.toList() shouldContainExactlyInAnyOrder
                // Of a person at a terminal there is AttachTest.
                shown.filterNot { "attach()" in it }
        }
    })
