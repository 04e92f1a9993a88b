package dev.sluice.process

import dev.sluice.jvm
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import java.io.IOException
import java.nio.file.AccessDeniedException
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.NotDirectoryException
import java.nio.file.Path

internal class StartFailuresTest :
    FunSpec({
        val folder = tempdir().toPath()

        fun script(
            name: String,
            text: String,
            isExecutable: Boolean = true,
        ): Path =
            folder.resolve(name).also {
                Files.writeString(it, text)
                it.toFile().setExecutable(isExecutable)
            }

        suspend fun output(
            vararg command: String,
            options: ProcessOptions = ProcessOptions.Default,
        ): String = startProcess(*command, options = options).use { it.communicate().stdout.decodeToString() }

        eachWay("P-028 a program that is not there, by path and by name") { way ->
            for (name in listOf("/nope", "nopenope", "./nope", "nope/nope")) {
                withClue(name) {
                    shouldThrow<NoSuchFileException> { way.start(name) }.run {
                        file shouldBe name
                        message shouldContain name
                    }
                }
            }
        }

        eachWay("P-029, X-021 a folder that is not there, or is none: it is named, and not the program") { way ->
            shouldThrow<NoSuchFileException> {
                way.start(
                    "true",
                    options = ProcessOptions { workDir = Path.of("/nope") },
                )
            }.file shouldBe
                "/nope"
            val file = script("file", "")
            shouldThrow<NotDirectoryException> {
                way.start(
                    "true",
                    options = ProcessOptions { workDir = file },
                )
            }.message shouldContain
                "$file"
        }

        eachWay("P-030 what is no program, by path and by name") { way ->
            val plain = script("plain", "#!/bin/sh\n", isExecutable = false)
            for (name in listOf("$folder", "$plain")) {
                shouldThrow<AccessDeniedException> { way.start(name) }.file shouldBe name
            }
            shouldThrow<AccessDeniedException> {
                way.start(
                    "plain",
                    options = ProcessOptions { env = mapOf("PATH" to "$folder") },
                )
            }.file shouldBe "plain"
        }

        test("P-031 a text without a first line that names its interpreter is run by the shell") {
            output(script("text", "echo run by \$0\n").toString()) shouldBe "run by $folder/text\n"
        }

        test("P-032 an interpreter that is not there: the script is named, and the interpreter thought of") {
            val lost = script("lost", "#!/nope/sh\n")
            shouldThrow<IOException> { startProcess("$lost") }.run {
                message shouldContain "$lost"
                message shouldContain "interpreter"
            }
        }

        test("P-033, X-023 a NUL is refused, by the argument that has it") {
            for ((command, blamed) in listOf(
                listOf("tr\u0000ue") to "the program's name",
                listOf("echo", "a", "b\u0000") to "argument 2 of echo",
            )) {
                shouldThrow<IllegalArgumentException> { startProcess(command) }.message shouldContain blamed
            }
            shouldThrow<IllegalArgumentException> { ProcessOptions { env = mapOf("A" to "b\u0000") } }.message shouldContain
                "variable A"
        }

        test("M-101, P-033, X-020 arguments that are too long") {
            for (command in listOf(
                listOf("true", "x".repeat(140_000)),
                List(40) { "x".repeat(100_000) }.let { listOf("true") + it },
            )) {
                shouldThrow<IOException> { startProcess(command) }.message.run {
                    this shouldContain "true"
                    this shouldContain "too long"
                }
            }
        }

        test("M-104, P-033, X-026 a variable without a name, or with '=' in it") {
            for (name in listOf("", "A=B", "\u0000")) {
                shouldThrow<IllegalArgumentException> { ProcessOptions { env = mapOf(name to "x") } }
            }
            output(
                "env",
                options =
                    ProcessOptions {
                        inheritEnv = false
                        env = mapOf("odd name-1" to "x")
                    },
            ) shouldBe
                "odd name-1=x\n"
        }

        test("P-035 no command, and one without a name") {
            shouldThrow<IllegalArgumentException> { startProcess() }
            shouldThrow<IllegalArgumentException> { startProcess("") }
            shouldThrow<IllegalArgumentException> { startProcess(emptyList()) }
        }

        test("P-037, M-103 the environment: inherited, changed, or exactly what was given") {
            output(
                "env",
                options =
                    ProcessOptions {
                        inheritEnv = false
                        env = mapOf("A" to "b")
                    },
            ) shouldBe "A=b\n"
            val changed =
                output(
                    "env",
                    options = ProcessOptions { env = mapOf("A" to "b", "PATH" to null, "HOME" to "/h") },
                ).lines()
            (changed.toSet() - "") shouldBe
                (System.getenv() + mapOf("A" to "b", "HOME" to "/h") - "PATH").map { "${it.key}=${it.value}" }.toSet()
        }

        test("P-042, X-024 a program is found on the PATH that the child is given") {
            script("mine", "#!/bin/sh\necho mine\n")
            output("mine", options = ProcessOptions { env = mapOf("PATH" to "/nope:$folder") }) shouldBe "mine\n"
            shouldThrow<NoSuchFileException> { output("ls", options = ProcessOptions { env = mapOf("PATH" to "$folder") }) }
        }

        test("a program's path and its PATH count from its own folder") {
            script("here", "#!/bin/sh\necho here\n")
            output("./here", options = ProcessOptions { workDir = folder }) shouldBe "here\n"
            output(
                "here",
                options =
                    ProcessOptions {
                        workDir = folder
                        env = mapOf("PATH" to ".")
                    },
            ) shouldBe "here\n"
            output("pwd", options = ProcessOptions { workDir = folder }) shouldBe "$folder\n"
        }

        test("arguments go as they are, through no shell") {
            val arguments = arrayOf("a  b", "", "\$HOME", "'\"\\`", "*", "é€\uD83D\uDE00", "-n", "\n")
            output("printf", "%s|", *arguments) shouldBe arguments.joinToString("") { "$it|" }
        }

        test("X-006 what the system's encoding can't express is refused and not replaced") {
            val program =
                ProcessBuilder(jvm("dev.sluice.process.Plain"))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .apply {
                        environment()["LC_ALL"] =
                            "C"
                    }.start()
            val said = program.inputStream.bufferedReader().readText()
            said shouldContain "argument 1 of echo"
            said shouldContain "LC_ALL=C.UTF-8"
        }

        test("X-002 the caller's thread does not wait for the system to start a process") {
            coroutineScope {
                val starting = async(start = CoroutineStart.UNDISPATCHED) { startProcess("true") }
                starting.isCompleted shouldBe false
                starting.await().awaitExit() shouldBe 0
            }
        }

        eachWay("a start that fails leaves no descriptor") { way ->
            way.start("true").use { it.awaitExit() }
            val before = descriptors()
            repeat(50) { shouldThrow<IOException> { way.start("true", "x".repeat(140_000)) } }
            eventually("they are gone") { descriptors() <= before }
        }

        test("the options refuse what makes no sense") {
            shouldThrow<IllegalArgumentException> { ProcessOptions { limit = 0 } }.message shouldContain "limit"
            shouldThrow<IllegalArgumentException> { ProcessOptions { writeLimit = -1 } }.message shouldContain "writeLimit"
            shouldThrow<IllegalArgumentException> { ProcessOptions { stdout = StreamType.MERGED } }.message shouldContain "MERGED"
            shouldThrow<IllegalArgumentException> { PtySize(0, 1) }.message shouldContain "columns"
            shouldThrow<IllegalArgumentException> { PtySize(1, 70_000) }.message shouldContain "rows"
        }
    })

/** A program in whose locale an argument can't be expressed. */
internal object Plain {
    @JvmStatic
    fun main(args: Array<String>) {
        kotlinx.coroutines.runBlocking {
            try {
                startProcess("echo", "é").use { println(it.communicate().stdout.decodeToString()) }
            } catch (e: IllegalArgumentException) {
                println(e.message)
            }
        }
    }
}

internal fun descriptors(): Int =
    java.io
        .File("/proc/self/fd")
        .list()
        .orEmpty()
        .size
