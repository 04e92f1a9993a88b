package dev.sluice.process.remote

import dev.sluice.ProcessTimeoutException
import dev.sluice.StreamClosedException
import dev.sluice.process.ProcessOptions
import dev.sluice.process.PtySize
import dev.sluice.process.Sandbox
import dev.sluice.process.SandboxLimits
import dev.sluice.process.StreamType
import dev.sluice.process.eventually
import dev.sluice.process.isAlive
import dev.sluice.process.output
import dev.sluice.process.sandbox
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.AccessDeniedException
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.NotDirectoryException
import java.nio.file.Path
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** What a sandbox does wherever its commands run. */
internal class RemoteContractTest :
    FunSpec({
        val places = RemotePlaces(this)

        places.each(
            "X-080, X-086, X-087 commands, streams, codes, folder and environment are as on this machine",
        ) { _, launcher ->
            sandbox(launcher, "sh", "-c", "read a; echo got \$a; echo bad >&2; exit 42").use { sandbox ->
                sandbox.stdin.write("it\n")
                sandbox.stdout.read().decodeToString() shouldBe "got it\n"
                sandbox.stderr.read().decodeToString() shouldBe "bad\n"
                sandbox.awaitExit() shouldBe 42
            }
            sandbox(launcher) { env = mapOf("A" to "it's  \$HOME") }.use { sandbox ->
                sandbox.output("pwd") shouldBe "${sandbox.workDir}\n"
                sandbox.variable("A") shouldBe "it's  \$HOME\n"
                sandbox.variable("HOME") shouldBe "${sandbox.workDir}\n"
                sandbox.output("printf", "%s|", "a  b", "", "'\"", "\n", "é€") shouldBe "a  b||'\"|\n|é€|"
                sandbox.output("pwd", options = ProcessOptions { workDir = Path.of("/") }) shouldBe "/\n"
            }
        }

        places.each("10 MB both ways, and an input that nobody reads") { _, launcher ->
            sandbox(launcher).use { sandbox ->
                val data = ByteArray(10_000_000) { (it * 31 shr 3).toByte() }
                sandbox.exec("cat").use { (it.communicate(data).stdout contentEquals data) shouldBe true }
                sandbox.exec("true").use { it.communicate(data).returnCode shouldBe 0 }
            }
        }

        places.each(
            "X-081, X-084 signals arrive, and the end of the sandbox is that of its commands and its folder",
        ) { kind, launcher ->
            val sandbox = sandbox(launcher)
            sandbox.exec("sh", "-c", "trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done").use {
                it.stdout.readLine() shouldBe "ready"
                it.terminate()
                it.awaitExit() shouldBe 7
            }
            sandbox.exec("sleep", "1000").use {
                it.kill()
                it.awaitExit() shouldBe 137
            }
            val left = sandbox.exec("sh", "-c", "sleep 1000 & echo \$\$ \$!; wait")
            val pids =
                left.stdout
                    .readLine()!!
                    .split(' ')
                    .map(String::toLong)
            val dir = sandbox.workDir
            if (kind.sharesMachine) Files.exists(dir) shouldBe true
            sandbox.close()
            left.awaitExit() shouldBe 137
            if (kind.sharesMachine) {
                eventually("they are dead") { pids.none(::isAlive) }
                Files.exists(dir) shouldBe false
            }
            shouldThrow<StreamClosedException> { sandbox.exec("true") }
        }

        places.each(
            "P-012 after the end signals do nothing, and what the shell there says of a signal is nobody's output",
        ) { _, launcher ->
            sandbox(launcher).use { sandbox ->
                repeat(5) {
                    sandbox.exec("true").use {
                        it.terminate()
                        it.awaitExit()
                    }
                }
                sandbox.exec("sleep", "1000").use {
                    it.terminate()
                    val result = it.communicate()
                    result.returnCode shouldBe 143
                    result.stderr.decodeToString() shouldBe ""
                }
            }
        }

        places.each("a program whose name looks like a variable or an option") { _, launcher ->
            sandbox(launcher).use { sandbox ->
                val program = "#!/bin/sh\necho \"$1\"\n"
                sandbox.output("sh", "-c", "for n in a=b -c; do printf '%s' '$program' > ./\$n; chmod +x ./\$n; done")
                sandbox.output("${sandbox.workDir}/a=b", "x=y") shouldBe "x=y\n"
                sandbox.output("./-c", "it") shouldBe "it\n"
            }
        }

        places.each(
            "close() ends all that a command has started, also with a terminal and in a group of its own",
        ) { _, launcher ->
            sandbox(launcher).use { sandbox ->
                for (options in listOf(ProcessOptions.Default, ProcessOptions { pty = PtySize(80, 24) })) {
                    val process = sandbox.exec("sh", "-mc", "sleep 4321 & echo up; wait", options = options)
                    process.stdout.readLine() shouldBe "up"
                    process.close()
                    process.awaitExit() shouldBe 137
                    val commandLines = arrayOf("sh", "-c", "cat /proc/[0-9]*/cmdline 2>/dev/null; true")
                    eventually("they are gone") { "4321" !in sandbox.output(*commandLines) }
                }
            }
        }

        places.each("a limit that the place can't set is refused", listOf(RemoteKind.PODMAN)) { _, launcher ->
            val tooMany = SandboxLimits { openFiles = 2_000_000_000 }
            shouldThrow<UnsupportedOperationException> {
                sandbox(launcher) { limits = tooMany }
            }.message shouldContain "can't be enforced"
        }

        places.each("X-083 what is missing there is told apart") { _, launcher ->
            sandbox(launcher).use { sandbox ->
                suspend fun runIn(dir: String) = sandbox.exec("true", options = ProcessOptions { workDir = Path.of(dir) })
                shouldThrow<NoSuchFileException> { sandbox.exec("nopenope") }.file shouldBe "nopenope"
                shouldThrow<NoSuchFileException> { sandbox.exec("/nope") }.file shouldBe "/nope"
                shouldThrow<NoSuchFileException> { runIn("/nope") }.file shouldBe "/nope"
                shouldThrow<NotDirectoryException> { runIn("/bin/sh") }
                sandbox.output("sh", "-c", "echo 'echo no' > file")
                shouldThrow<AccessDeniedException> { sandbox.exec("./file") }.file shouldBe "./file"
            }
        }

        places.each("codes that the way there has, too, are the command's while the place can be reached") { _, launcher ->
            sandbox(launcher).use { sandbox ->
                for (code in listOf(1, 125, 126, 127, 137, 255)) {
                    sandbox.exec("sh", "-c", "echo out; echo err >&2; exit $code").use {
                        val result = it.communicate()
                        result.returnCode shouldBe code
                        result.stdout.decodeToString() shouldBe "out\n"
                        result.stderr.decodeToString() shouldBe "err\n"
                    }
                }
            }
        }

        places.each("M-022, M-067, P-024 types of streams and a timeout") { _, launcher ->
            sandbox(launcher).use { sandbox ->
                val both = arrayOf("sh", "-c", "echo a; echo b >&2; echo c; exit 3")
                sandbox.exec(*both, options = ProcessOptions { stderr = StreamType.MERGED }).use {
                    it.communicate().stdout.decodeToString() shouldBe "a\nb\nc\n"
                }
                sandbox.exec(*both, options = ProcessOptions { stdout = StreamType.DEVNULL }).use {
                    it.communicate().stderr.decodeToString() shouldBe "b\n"
                }
                sandbox.exec(*both, options = ProcessOptions { stderr = StreamType.DEVNULL }).use {
                    it.communicate().stdout.decodeToString() shouldBe "a\nc\n"
                }
                sandbox.exec("sleep", "1000", options = ProcessOptions { timeout = 300.milliseconds }).use {
                    shouldThrow<ProcessTimeoutException> { it.awaitExit() }
                }
            }
        }

        places.each("X-088 a terminal there") { _, launcher ->
            val script = "test -t 0 && stty size; echo \$TERM; exit 3"
            sandbox(launcher, "sh", "-c", script) { pty = PtySize(70, 20) }.use { sandbox ->
                sandbox.stdout.read().decodeToString() shouldBe "20 70\r\nxterm-256color\r\n"
                sandbox.awaitExit() shouldBe 3
            }
        }

        places.each("X-090, X-091 what the system holds each process to") { _, launcher ->
            val given =
                SandboxLimits {
                    openFiles = 64
                    cpuTime = 1.seconds
                }
            sandbox(launcher) { limits = given }.use { sandbox ->
                sandbox.output("sh", "-c", "ulimit -n") shouldBe "64\n"
                sandbox.exec("sh", "-c", "while :; do :; done").use { it.awaitExit() shouldBe 137 }
            }
        }

        places.each("the environment of the place can be inherited") { kind, launcher ->
            sandbox(launcher) {
                inheritEnv = true
                env = mapOf("A" to "b")
            }.use { sandbox ->
                sandbox.variable("A") shouldBe "b\n"
                val expected =
                    when (kind) {
                        RemoteKind.SSH -> "USER" to System.getProperty("user.name")
                        RemoteKind.PODMAN -> "container" to "podman"
                        else -> "USER" to System.getenv("USER").orEmpty()
                    }
                if (expected.second.isNotEmpty()) sandbox.variable(expected.first) shouldBe "${expected.second}\n"
            }
        }
    })

private suspend fun Sandbox.variable(name: String): String = output("sh", "-c", "echo \"\$$name\"")
