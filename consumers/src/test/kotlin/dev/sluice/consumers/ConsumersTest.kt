package dev.sluice.consumers

import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.core.test.TestScope
import io.kotest.matchers.shouldBe
import kotlin.time.Duration.Companion.minutes

/** Fresh projects build with what is staged, and their programs do what they should. */
internal class ConsumersTest :
    FunSpec({
        testOnEachJdk("a program in Kotlin builds and runs") { jdk ->
            val project = FreshProject.build("kotlin", jdk)
            project.java("-cp", project.classPath, "MainKt") shouldBe "HELLO\nFROM KOTLIN\n"
        }

        testOnEachJdk("a program in Java builds and runs") { jdk ->
            val project = FreshProject.build("java", jdk)
            project.java("-cp", project.classPath, "example.Main") shouldBe "HELLO\nFROM JAVA\n"
        }

        testOnEachJdk("a program in Java that is a module, and asks for one of ours alone, builds and runs") { jdk ->
            val project = FreshProject.build("jpms", jdk)
            val module = arrayOf("--module-path", project.modulePath, "--module", "example/example.Main")
            project.java(*module) shouldBe "HELLO\nFROM A MODULE\n"
        }
    })

private fun FunSpec.testOnEachJdk(
    name: String,
    test: suspend TestScope.(Jdk) -> Unit,
) {
    val newest = Jdk.newest
    val jdks = listOfNotNull(Jdk.ofThisBuild, newest).distinctBy { it.version }
    // The first has to fetch the plugins.
    for (jdk in jdks) test("$name on JDK ${jdk.version}").config(invocationTimeout = 15.minutes) { test(jdk) }
    if (newest == null) {
        println("NOT tested: $name on JDK 25, because there is none: JDK25_HOME names one")
        test("$name on JDK 25").config(enabledOrReasonIf = { Enabled.disabled("there is none: JDK25_HOME names one") }) {}
    }
}
