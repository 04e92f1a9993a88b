package dev.sluice.process

import dev.sluice.ConnectionResetException
import dev.sluice.ProcessTimeoutException
import dev.sluice.StreamClosedException
import dev.sluice.jvm
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.withContext
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

internal class SandboxTest :
    FunSpec({
        eachPlace("M-107 the main command, its streams and its code") { place ->
            place.sandbox("sh", "-c", "read word; echo got \$word; echo bad >&2; exit 42").use { sandbox ->
                sandbox.poll() shouldBe null
                shouldThrow<IllegalStateException> { sandbox.returnCode }
                sandbox.stdin.write("it\n")
                sandbox.stdout.read().decodeToString() shouldBe "got it\n"
                sandbox.stderr.read().decodeToString() shouldBe "bad\n"
                sandbox.awaitExit() shouldBe 42
                sandbox.returnCode shouldBe 42
                sandbox.poll() shouldBe 42
            }
        }

        eachPlace("M-100, M-105, M-109 without a command it is there until it is ended") { place ->
            place.sandbox().use { sandbox ->
                sandbox.poll() shouldBe null
                shouldThrow<IllegalStateException> { sandbox.returnCode }.message shouldContain "poll()"
                sandbox.stdout.read() shouldBe ByteArray(0)
                sandbox.stderr.read() shouldBe ByteArray(0)
                sandbox.stdin.write("x")
                shouldThrow<ConnectionResetException> { sandbox.stdin.drain() }
                sandbox.output("echo", "hi") shouldBe "hi\n"
                withContext(Dispatchers.Default) {
                    val waiting = async { sandbox.awaitExit() }
                    sandbox.terminate()
                    waiting.await() shouldBe 137
                }
                sandbox.returnCode shouldBe 137
            }
        }

        eachPlace("M-109, M-106 terminate() ends the main command by force; waiting for it does not throw") { place ->
            place.sandbox("sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.01; done").use { sandbox ->
                sandbox.stdout.readLine() shouldBe "ready"
                sandbox.terminate()
                sandbox.awaitExit() shouldBe 137
                sandbox.returnCode shouldBe 137
            }
        }

        eachPlace("M-111 after a natural end terminate() and close() change nothing") { place ->
            place.sandbox("sh", "-c", "exit 3").use { sandbox ->
                sandbox.awaitExit() shouldBe 3
                sandbox.terminate()
                sandbox.terminate()
                sandbox.close()
                sandbox.close()
                sandbox.awaitExit() shouldBe 3
            }
        }

        eachPlace("M-112 nothing is started in one that has ended, and it says why") { place ->
            val ended =
                listOf<suspend (Sandbox) -> String>(
                    { it.terminate().run { "terminated" } },
                    { it.close().run { "closed" } },
                    {
                        it.stdin.writeEof()
                        it.awaitExit()
                        eventually("it has noticed") { runCatching { it.exec("true").close() }.isFailure }
                        "ended with 0"
                    },
                )
            for (end in ended) {
                place.sandbox("cat").use { sandbox ->
                    val why = end(sandbox)
                    shouldThrow<StreamClosedException> { sandbox.exec("touch", "made") }.message.run {
                        this shouldContain "$sandbox"
                        this shouldContain why
                    }
                    Files.exists(sandbox.workDir.resolve("made")) shouldBe false
                }
            }
        }

        eachPlace("M-113 what runs in it ends with it: nothing is left, and the readers come to the end") { place ->
            val sandbox = place.sandbox("cat")
            val other = sandbox.exec("sh", "-c", "sleep 1000 & echo started; wait")
            other.stdout.readLine() shouldBe "started"
            val family = familyOf(other.pid)
            family.size shouldNotBe 1
            sandbox.close()
            other.awaitExit() shouldBe 137
            other.stdout.read() shouldBe ByteArray(0)
            eventually("all are dead") { family.none { it.isAlive } }
        }

        eachPlace("M-113 also when its main command ends by itself") { place ->
            place.sandbox("cat").use { sandbox ->
                val other = sandbox.exec("sleep", "1000")
                sandbox.stdin.writeEof()
                sandbox.awaitExit() shouldBe 0
                other.awaitExit() shouldBe 137
            }
        }

        eachPlace("M-114, X-077 commands run at once, each with its own streams and code") { place ->
            place.sandbox().use { sandbox ->
                withContext(Dispatchers.Default) {
                    val codes =
                        (1..8).map { i ->
                            async {
                                sandbox.exec("sh", "-c", "read a; echo \$a; exit \$a").use { process ->
                                    val result = process.communicate("$i\n".toByteArray())
                                    result.stdout
                                        .decodeToString()
                                        .trim()
                                        .toInt() to result.returnCode
                                }
                            }
                        }
                    codes.awaitAll() shouldContainExactly (1..8).map { it to it }
                }
            }
        }

        eachPlace("M-102, M-115 commands have its folder, also in part, and its environment, which they can change") { place ->
            place.sandbox { env = mapOf("A" to "sandbox's", "B" to "both's") }.use { sandbox ->
                sandbox.output("pwd") shouldBe "${sandbox.workDir}\n"
                sandbox.output("mkdir", "sub")
                sandbox.output("pwd", options = ProcessOptions { workDir = Path.of("sub") }) shouldBe "${sandbox.workDir}/sub\n"
                sandbox.output("sh", "-c", "echo \$A \$B", options = ProcessOptions { env = mapOf("B" to "its own") }) shouldBe
                    "sandbox's its own\n"
                sandbox
                    .output(
                        "env",
                        options =
                            ProcessOptions {
                                inheritEnv = false
                                env = mapOf("C" to "d")
                            },
                    ).lines() -
                    "PWD=${sandbox.workDir}" -
                    "" shouldBe
                    listOf("C=d")
            }
        }

        eachPlace("X-072 the environment is clean unless inherited") { place ->
            val clean = setOf("PATH", "HOME", "LANG")
            place.sandbox().use { sandbox ->
                val variables =
                    sandbox.output("env").lines().filter { it.isNotEmpty() }.associate {
                        it.substringBefore('=') to
                            it.substringAfter('=')
                    }
                (variables.keys - "PWD") shouldBe clean
                variables["HOME"] shouldBe "${sandbox.workDir}"
                variables["LANG"] shouldBe "C.UTF-8"
            }
            place.sandbox { inheritEnv = true }.use { sandbox ->
                val names = sandbox.output("env").lines().map { it.substringBefore('=') }
                (System.getenv().keys - names.toSet()) shouldBe emptySet()
            }
        }

        eachPlace("the folder is private, and gone after close(), whatever is in it") { place ->
            val sandbox = place.sandbox()
            val dir = sandbox.workDir
            Files.getPosixFilePermissions(dir).map { it.name } shouldContainExactlyInAnyOrder
                listOf("OWNER_READ", "OWNER_WRITE", "OWNER_EXECUTE")
            sandbox.output("sh", "-c", "mkdir -p a/b; echo x > a/b/c; ln -s /etc a/link; chmod 0 a/b; chmod 500 a") shouldBe ""
            sandbox.close()
            Files.exists(dir) shouldBe false
            Files.exists(Path.of("/etc")) shouldBe true
        }

        eachPlace("M-108 when its timeout passes everything in it is killed") { place ->
            place.sandbox("sleep", "1000") { timeout = 3.seconds }.use { sandbox ->
                val other = sandbox.exec("sleep", "1000")
                shouldThrow<ProcessTimeoutException> { sandbox.awaitExit() }.timeout shouldBe 3.seconds
                sandbox.returnCode shouldBe 137
                other.awaitExit() shouldBe 137
            }
            place.sandbox { timeout = 3.seconds }.use { sandbox ->
                val other = sandbox.exec("sleep", "1000")
                shouldThrow<ProcessTimeoutException> { sandbox.awaitExit() }
                sandbox.poll() shouldBe 137
                other.awaitExit() shouldBe 137
            }
        }

        eachPlace("P-028 a main command that is not there: no sandbox, and no folder") { place ->
            val before = folders()
            shouldThrow<NoSuchFileException> { place.sandbox("nopenope") }.file shouldBe "nopenope"
            folders() shouldBe before
        }

        eachPlace("X-090 open files are limited") { place ->
            place.sandbox { limits = SandboxLimits { openFiles = 64 } }.use { it.output("sh", "-c", "ulimit -n") shouldBe "64\n" }
        }

        eachPlace("X-091 one that used up its processor time is killed") { place ->
            place.sandbox("sh", "-c", "while :; do :; done") { limits = SandboxLimits { cpuTime = 500.milliseconds } }.use {
                it.awaitExit() shouldBe 137
            }
        }

        eachPlace("X-092 memory is limited") { place ->
            place.sandbox { limits = SandboxLimits { memory = 256L shl 20 } }.use { sandbox ->
                sandbox.output("sh", "-c", "ulimit -v") shouldBe "${256 shl 10}\n"
                sandbox.output("python3", "-c", "x = bytearray(500 << 20)") shouldContain "MemoryError"
            }
        }

        test("X-090 where there is no prlimit a shell sets the limits") {
            val limits =
                SandboxLimits {
                    openFiles = 64
                    cpuTime = 1.seconds
                    memory = 1L shl 30
                }
            val command =
                LimitedCommand(
                    limits,
                    prlimit = null,
                ).wrap(listOf("sh", "-c", "ulimit -n; ulimit -t; ulimit -v; echo \"\$0\"", "a  b"))
            startProcess(command).use { it.communicate().stdout.decodeToString() shouldBe "64\n1\n1048576\na  b\n" }
        }

        test("X-094 the local launcher refuses to limit processes") {
            shouldThrow<UnsupportedOperationException> { Place.LOCAL.sandbox { limits = SandboxLimits { processes = 5 } } }
                .message shouldContain "processes"
        }

        test("limits are positive") {
            for (bad in listOf<SandboxLimits.Builder.() -> Unit>({ cpuTime = 0.seconds }, { memory = 0 }, { openFiles = 0 }, {
                processes =
                    -1
            })) {
                shouldThrow<IllegalArgumentException> { SandboxLimits(bad) }
            }
        }

        eachPlace("M-118 the end of this program is that of its sandboxes, folder and all") { place ->
            val program =
                ProcessBuilder(
                    jvm("dev.sluice.process.LeavingSandbox", place.name),
                ).redirectError(ProcessBuilder.Redirect.INHERIT).start()
            val (pid, dir) =
                program.inputStream
                    .bufferedReader()
                    .readLine()
                    .split(' ')
            program.waitFor()
            eventually("its command is dead") { !isAlive(pid.toLong()) }
            eventually("its folder is gone") { !Files.exists(Path.of(dir)) }
        }
    })

private fun folders(): Set<String> =
    java.io
        .File(System.getProperty("java.io.tmpdir"))
        .list()
        .orEmpty()
        .filterTo(HashSet()) { it.startsWith("sluice-sandbox-") }

/** A program that ends before its sandbox does. */
internal object LeavingSandbox {
    @JvmStatic
    fun main(args: Array<String>) {
        kotlinx.coroutines.runBlocking {
            val sandbox = Place.valueOf(args[0]).sandbox()
            val process = sandbox.exec("sleep", "1000")
            println("${process.pid} ${sandbox.workDir}")
        }
    }
}
