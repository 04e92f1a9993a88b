package dev.sluice.process

import dev.sluice.StreamReader
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.AccessDeniedException
import java.nio.file.NoSuchFileException
import java.nio.file.NotDirectoryException
import java.nio.file.Path

private val terminal = ProcessOptions { pty = PtySize(120, 40) }

internal class PtyTest :
    FunSpec({
        suspend fun sh(
            script: String,
            options: ProcessOptions = terminal,
        ) = startProcess("sh", "-c", script, options = options)

        test(
            "M-080, X-100, X-101 a child has a terminal of that size; its stdout carries both outputs and its stderr is at the end",
        ) {
            sh("test -t 0 && test -t 1 && test -t 2 && echo terminal; stty size; echo err >&2").use { process ->
                process.stderr.read() shouldBe ByteArray(0)
                process.stdout.read().decodeToString() shouldBe "terminal\r\n40 120\r\nerr\r\n"
                process.awaitExit() shouldBe 0
            }
        }

        test("X-101 bytes are not changed") {
            sh("stty raw; printf '\\000\\001\\177\\377'").use { it.stdout.read() shouldBe byteArrayOf(0, 1, 127, -1) }
        }

        test("X-102 what is typed is shown, and what is shown comes back") {
            startProcess("cat", options = terminal).use { cat ->
                cat.stdin.write("hi\n")
                cat.stdout.readLine() shouldBe "hi"
                cat.stdout.readLine() shouldBe "hi"
            }
        }

        test("X-103, X-104 another size: the child is told, and it must make sense") {
            sh("trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.01; done").use { process ->
                process.stdout.readLine() shouldBe "ready"
                for ((columns, rows) in listOf(0 to 1, 1 to -1, 70_000 to 1)) {
                    shouldThrow<IllegalArgumentException> { process.resize(columns, rows) }
                }
                process.resize(100, 30)
                process.stdout.readLine() shouldBe "30 100"
                process.awaitExit()
                process.resize(80, 24)
            }
            startProcess("true").use {
                shouldThrow<UnsupportedOperationException> { it.resize(80, 24) }.message shouldContain
                    "pseudo-terminal"
            }
        }

        test("X-105, X-107 what is left can be read after the exit, then comes the end, as often as asked") {
            sh("echo last").use { process ->
                process.awaitExit() shouldBe 0
                process.stdout.read().decodeToString() shouldBe "last\r\n"
                repeat(2) { process.stdout.read(1) shouldBe ByteArray(0) }
            }
        }

        test("X-108, X-109, P-021 the end of the input is typed, also in the middle of a line") {
            for ((typed, shown) in listOf("line\n" to "line\r\nline\r\n", "part" to "partpart", "" to "")) {
                startProcess("cat", options = terminal).use { cat ->
                    cat.stdin.write(typed)
                    cat.stdin.writeEof()
                    cat.awaitExit() shouldBe 0
                    cat.stdout
                        .read()
                        .decodeToString()
                        .replace("^D", "")
                        .replace("\b", "") shouldBe shown
                }
            }
            startProcess("cat", options = terminal).use {
                it.communicate("typed\n".toByteArray()).stdout.decodeToString() shouldContain
                    "typed\r\ntyped\r\n"
            }
        }

        test("X-113, X-108 Ctrl-C and Ctrl-D work, and codes are as everywhere") {
            // A shell that is about to start a program keeps the signal to itself, and waits for the program.
            startProcess("cat", options = terminal).use { cat ->
                cat.stdin.write("ready\n")
                repeat(2) { cat.stdout.readLine() shouldBe "ready" }
                cat.stdin.write(byteArrayOf(3))
                cat.awaitExit() shouldBe 130
            }
            startProcess("cat", options = terminal).use { cat ->
                cat.stdin.write(byteArrayOf(4))
                cat.awaitExit() shouldBe 0
            }
            sh("exit 42").use { it.awaitExit() shouldBe 42 }
        }

        test("X-114 it can be ended, right after the start, too, with all that it has started") {
            repeat(10) { sh("sleep 1000").use { it.terminate().run { it.awaitExit() shouldBe 143 } } }
            repeat(10) {
                val process = sh("sleep 1000 & wait")
                process.close()
                process.awaitExit() shouldBe 137
                process.stdout.untilEnd()
            }
        }

        test("X-116, X-117, X-118 what the library would not tell is told") {
            val before = descriptors()
            shouldThrow<NoSuchFileException> { startProcess("nopenope", options = terminal) }.file shouldBe "nopenope"
            shouldThrow<AccessDeniedException> { startProcess("/etc/passwd", options = terminal) }.file shouldBe "/etc/passwd"
            shouldThrow<NoSuchFileException> { startProcess("true", options = terminal.inFolder("/nope")) }.file shouldBe "/nope"
            shouldThrow<NotDirectoryException> { startProcess("true", options = terminal.inFolder("/etc/passwd")) }
            shouldThrow<IllegalArgumentException> { startProcess("true", "a\u0000b", options = terminal) }
            descriptors() shouldBe before
        }

        test("X-120 TERM is set, unless it is given") {
            sh(
                "echo \$TERM",
                ProcessOptions {
                    pty = PtySize(80, 24)
                    env = mapOf("TERM" to null)
                },
            ).use {
                it.stdout.readLine() shouldBe
                    "xterm-256color"
            }
            sh(
                "echo \$TERM",
                ProcessOptions {
                    pty = PtySize(80, 24)
                    env = mapOf("TERM" to "vt100")
                },
            ).use {
                it.stdout.readLine() shouldBe
                    "vt100"
            }
        }

        test("X-111 one that reads nothing of what is typed keeps nobody waiting") {
            sh("stty raw -echo; echo ready; sleep 1000").use { process ->
                process.stdout.readLine() shouldBe "ready"
                process.stdin.write(ByteArray(100_000))
                process.close()
                process.awaitExit() shouldBe 137
            }
        }

        test("terminals leave no descriptor and no thread") {
            sh("true").use { it.awaitExit() }
            eventually("the first is gone") { terminalThreads().isEmpty() }
            val before = descriptors()
            repeat(20) { sh("echo $it").use { process -> process.awaitExit() shouldBe 0 } }
            eventually("the threads are gone") { terminalThreads().isEmpty() }
            eventually("the descriptors are gone") { descriptors() <= before }
        }

        test("its output can't go elsewhere") {
            shouldThrow<IllegalArgumentException> {
                ProcessOptions {
                    pty = PtySize(80, 24)
                    stdout = StreamType.DEVNULL
                }
            }.message shouldContain
                "stdout"
            shouldThrow<IllegalArgumentException> {
                ProcessOptions {
                    pty = PtySize(80, 24)
                    stderr = StreamType.DEVNULL
                }
            }.message shouldContain
                "stderr"
        }

        eachPlace("M-080 a sandbox gives a terminal as well") { place ->
            place.sandbox("sh", "-c", "test -t 0 && stty size") { pty = PtySize(70, 20) }.use { sandbox ->
                sandbox.stdout.read().decodeToString() shouldBe "20 70\r\n"
                sandbox.awaitExit() shouldBe 0
            }
        }
    })

private fun ProcessOptions.inFolder(folder: String): ProcessOptions {
    val size = pty
    return ProcessOptions {
        pty = size
        workDir = Path.of(folder)
    }
}

private suspend fun StreamReader.untilEnd(): Long = skip(Long.MAX_VALUE)

private fun terminalThreads(): List<String> =
    Thread
        .getAllStackTraces()
        .keys
        .map {
            it.name
        }.filter { it.startsWith("PtyProcess Reaper") }
