package dev.sluice.process

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.io.IOException
import java.nio.file.AccessDeniedException

/** What the JDK says of a start that failed, in the words of several of its releases. */
internal class StartFailureWordsTest :
    FunSpec({
        for ((words, meaning) in listOf(
            "Cannot run program \"x\": error=2, No such file or directory" to "interpreter",
            "Exec failed, error: 2 (No such file or directory)" to "interpreter",
            "Cannot run program \"x\": error=7, Argument list too long" to "too long",
            "Exec failed, error: 7 (Argument list too long)" to "too long",
            "Cannot run program \"x\": error=11, Resource temporarily unavailable" to "error=11",
            "something else" to "something else",
        )) {
            test("X-020 '$words'") {
                for (cause in listOf(IOException(words), IOException("outer", IOException(words)))) {
                    val failure = startFailure("x", cause)
                    failure.message shouldContain "x can't be run"
                    failure.message shouldContain meaning
                    failure.cause shouldBe cause
                }
            }
        }

        test("X-020 a program that the system does not let run") {
            for (words in listOf("error=13, Permission denied", "Exec failed, error: 13 (Permission denied)")) {
                startFailure("x", IOException(words)).shouldBeInstanceOf<AccessDeniedException>().file shouldBe "x"
            }
        }

        test("without a message there is nothing more to say") {
            startFailure("x", IOException()).message shouldBe "x can't be run: null"
        }

        test("X-090 limits that are not set are not put in front") {
            for ((limits, options, shell) in listOf(
                Triple(SandboxLimits { processes = 6 }, listOf("--nproc=6"), "ulimit -u 6"),
                Triple(SandboxLimits { memory = 2047 }, listOf("--as=2047"), "ulimit -v 2"),
                Triple(SandboxLimits { openFiles = 5 }, listOf("--nofile=5"), "ulimit -n 5"),
            )) {
                LimitedCommand(limits, "/p/prlimit").wrap(listOf("x")) shouldBe listOf("/p/prlimit") + options + listOf("--", "x")
                LimitedCommand(limits, null).wrap(listOf("x")) shouldBe
                    listOf("/bin/sh", "-c", "$shell && exec \"\$@\"", "sh", "x")
            }
            LimitedCommand(SandboxLimits.None, "/p/prlimit").wrap(listOf("x")) shouldBe listOf("x")
        }
    })
