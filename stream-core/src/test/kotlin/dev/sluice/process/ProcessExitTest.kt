package dev.sluice.process

import dev.sluice.ProcessTimeoutException
import dev.sluice.jvm
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import java.util.concurrent.TimeUnit
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

internal class ProcessExitTest :
    FunSpec({
        eachWay("M-061 the code is there when the process has ended, and not before") { way ->
            way.sh("read _; exit 5").use { process ->
                shouldThrow<IllegalStateException> { process.returnCode }.message.run {
                    this shouldContain "${process.pid}"
                    this shouldContain "poll()"
                    this shouldContain "awaitExit()"
                }
                process.stdin.write("\n")
                eventually("it has ended") { process.poll() != null }
                process.returnCode shouldBe 5
            }
        }

        eachWay("M-062, P-038 any number may wait, at once and later, and one that is cancelled leaves the others") { way ->
            way.sh("read _; exit 6").use { process ->
                process.poll() shouldBe null
                withContext(Dispatchers.Default) {
                    val waiting = List(5) { async { process.awaitExit() } }
                    waiting[2].cancelAndJoin()
                    withTimeoutOrNull(50.milliseconds) { process.awaitExit() } shouldBe null
                    process.stdin.write("\n")
                    (waiting - waiting[2]).awaitAll() shouldContainExactly List(4) { 6 }
                }
                process.awaitExit() shouldBe 6
                process.poll() shouldBe 6
            }
        }

        for ((signal, code) in mapOf(1 to 129, 9 to 137, 11 to 139, 15 to 143)) {
            test("M-064, P-010, X-052 a process that signal $signal ends has the code $code") {
                startProcess("sleep", "100").use { process ->
                    process.signal(signal)
                    process.awaitExit() shouldBe code
                    process.poll() shouldBe code
                    process.returnCode shouldBe code
                }
            }
        }

        test("M-064, X-050 terminate() is SIGTERM and kill() is SIGKILL") {
            startProcess("sleep", "100").use {
                it.terminate()
                it.awaitExit() shouldBe 143
            }
            startProcess("sleep", "100").use {
                it.kill()
                it.awaitExit() shouldBe 137
            }
        }

        test("X-052 a signal that a process has a handler for") {
            startProcess("sh", "-c", "trap 'echo caught; exit 7' USR1; echo ready; while :; do sleep 0.01; done").use { process ->
                process.stdout.readLine() shouldBe "ready"
                process.signal(10)
                process.stdout.readLine() shouldBe "caught"
                process.awaitExit() shouldBe 7
            }
        }

        eachWay(
            "M-067 one that overruns its timeout is killed with all it has started, and waiting for it says so every time",
        ) { way ->
            way.sh("sleep 1000 & echo \$!; wait", ProcessOptions { timeout = 2.seconds }).use { process ->
                val grandchild = process.stdout.readLine()!!.toLong()
                repeat(2) {
                    shouldThrow<ProcessTimeoutException> { process.awaitExit() }.run {
                        timeout shouldBe 2.seconds
                        message shouldContain "sh (pid ${process.pid})"
                        message shouldContain "2s"
                    }
                }
                process.poll() shouldBe 137
                process.returnCode shouldBe 137
                eventually("the grandchild is dead") { !isAlive(grandchild) }
            }
        }

        eachWay("M-069 one that ended in time has not timed out, whenever it is asked") { way ->
            way.start("true", options = ProcessOptions { timeout = 30.seconds }).use { process ->
                process.awaitExit() shouldBe 0
            }
            way.start("true", options = ProcessOptions { timeout = 1.milliseconds }).use { process ->
                // Either it was quicker, or it was killed: never its code and a timeout.
                try {
                    process.awaitExit() shouldBe 0
                } catch (_: ProcessTimeoutException) {
                    process.returnCode shouldBe 137
                }
            }
        }

        test("M-070 a timeout is positive, to the millisecond, or not set") {
            for (bad in listOf(Duration.ZERO, (-1).seconds)) {
                shouldThrow<IllegalArgumentException> { ProcessOptions { timeout = bad } }.message shouldContain "timeout"
            }
            ProcessOptions { timeout = 900.milliseconds }.timeout shouldBe 900.milliseconds
            ProcessOptions
                .builder()
                .timeout(java.time.Duration.ofMillis(900))
                .build()
                .timeout shouldBe 900.milliseconds
            ProcessOptions.Default.timeout shouldBe null
        }

        eachWay("P-006 what a grandchild keeps open does not hold up awaitExit() or close()") { way ->
            way.sh("sleep 1000 & echo \$!; exit 4").use { process ->
                val grandchild = process.stdout.readLine()!!.toLong()
                process.awaitExit() shouldBe 4
                isAlive(grandchild) shouldBe true
                process.close()
                process.stdout.read() shouldBe ByteArray(0)
                ProcessHandle.of(grandchild).ifPresent { it.destroyForcibly() }
            }
        }

        eachWay("P-006 nor do bytes that nobody reads") { way ->
            way.sh("head -c 60000 /dev/zero; exit 4").use { process ->
                process.awaitExit() shouldBe 4
                process.stdout.read().size shouldBe 60000
            }
        }

        eachWay("P-009, X-051 kill() ends the process alone, close() all that it has started") { way ->
            way.sh("sh -c 'echo \$\$; sleep 1000' & wait").use { process ->
                val child = process.stdout.readLine()!!.toLong()
                process.kill()
                process.awaitExit() shouldBe 137
                isAlive(child) shouldBe true
                familyOf(child).forEach { it.destroyForcibly() }
            }
            way.sh("sh -c 'sleep 1000 & echo \$\$ \$!; wait' & wait").use { process ->
                val family =
                    process.stdout
                        .readLine()!!
                        .split(' ')
                        .map(String::toLong)
                process.close()
                process.awaitExit() shouldBe 137
                eventually("all of them are dead") { family.none(::isAlive) }
            }
        }

        test("P-011, X-012 codes of their own are kept as they are") {
            startProcess("sh", "-c", "exit 137").use { it.awaitExit() shouldBe 137 }
            startProcess("sh", "-c", "exit 256").use { it.awaitExit() shouldBe 0 }
            startProcess("sh", "-c", "exit 255").use { it.awaitExit() shouldBe 255 }
        }

        test("P-012 after the end signals and close() do nothing") {
            startProcess("sh", "-c", "exit 3").use { process ->
                process.awaitExit() shouldBe 3
                process.terminate()
                process.kill()
                process.signal(10)
                process.close()
                process.close()
                process.returnCode shouldBe 3
            }
        }

        test("P-013 there are 64 signals") {
            startProcess("sleep", "100").use { process ->
                for (number in listOf(-1, 0, 65, 99)) {
                    shouldThrow<IllegalArgumentException> { process.signal(number) }.message shouldContain "$number"
                }
                process.poll() shouldBe null
            }
        }

        test("P-014, X-053 one that ignores SIGTERM goes on until it is killed, or closed; also one that is stopped") {
            val stubborn = "trap '' TERM; echo ready; while :; do sleep 0.01; done"
            for (end in listOf(StreamProcess::kill, StreamProcess::close)) {
                startProcess("sh", "-c", stubborn).use { process ->
                    process.stdout.readLine() shouldBe "ready"
                    process.terminate()
                    process.signal(19)
                    process.poll() shouldBe null
                    end(process)
                    process.awaitExit() shouldBe 137
                }
            }
        }

        test("X-013 nobody polls: an end is known when it has come") {
            startProcess("sleep", "0.02").use { process ->
                process.awaitExit() shouldBe 0
                process.poll() shouldBe 0
            }
        }

        test("X-054, P-040 the end of this program is the end of its processes") {
            val program =
                ProcessBuilder(jvm("dev.sluice.process.LeavingBehind")).redirectError(ProcessBuilder.Redirect.INHERIT).start()
            val left =
                program.inputStream
                    .bufferedReader()
                    .readLine()
                    .split(' ')
                    .map(String::toLong)
            program.waitFor(5.minutes.inWholeSeconds, TimeUnit.SECONDS) shouldBe true
            program.exitValue() shouldBe 0
            eventually("they are dead") { left.none(::isAlive) }
        }
    })

/** A program that ends before its processes do. */
internal object LeavingBehind {
    @JvmStatic
    fun main(args: Array<String>) {
        kotlinx.coroutines.runBlocking {
            val process = startProcess("sh", "-c", "sleep 1000 & echo \$!; wait")
            println("${process.pid} ${process.stdout.readLine()}")
        }
    }
}
