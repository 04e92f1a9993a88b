package dev.sluice.process

import dev.sluice.ProcessTimeoutException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.withContext
import kotlin.random.Random
import kotlin.time.Duration.Companion.seconds

private val hurried = ProcessOptions { timeout = 2.seconds }

internal class CommunicateTest :
    FunSpec({
        eachWay("P-001 both outputs and the code, whatever that is") { way ->
            way.sh("echo out; echo err >&2; exit 3").use {
                it.communicate().run {
                    stdout.decodeToString() shouldBe "out\n"
                    stderr.decodeToString() shouldBe "err\n"
                    returnCode shouldBe 3
                }
            }
        }

        eachWay("P-002 64 MiB there and back, and stderr full as well") { way ->
            val data = Random(1).nextBytes(64 * 1024 * 1024)
            way.sh("head -c 3000000 /dev/zero >&2; cat").use {
                it.communicate(data).run {
                    (stdout contentEquals data) shouldBe true
                    stderr.size shouldBe 3_000_000
                    returnCode shouldBe 0
                }
            }
        }

        eachWay("P-003 a second time there is nothing more") { way ->
            way.sh("echo out; exit 2").use {
                it.communicate().stdout.decodeToString() shouldBe "out\n"
                it.communicate().run {
                    stdout shouldBe ByteArray(0)
                    stderr shouldBe ByteArray(0)
                    returnCode shouldBe 2
                }
            }
        }

        eachWay("P-004, P-021 without input it ends the process's input") { way ->
            for (input in listOf(null, ByteArray(0))) {
                way.start("cat").use { it.communicate(input).stdout shouldBe ByteArray(0) }
            }
        }

        eachWay("P-008 it waits for a grandchild that keeps the pipe open", listOf(Way.SELECTABLE)) { way ->
            way.sh("{ sleep 0.2; echo late; } & echo early").use {
                it.communicate().stdout.decodeToString() shouldBe "early\nlate\n"
            }
        }

        eachWay("P-008, M-067 a timeout ends that, with what came before") { way ->
            way.sh("{ sleep 1000; } & echo early; echo bad >&2; wait", hurried).use { process ->
                shouldThrow<ProcessTimeoutException> { process.communicate() }.run {
                    stdout.decodeToString() shouldBe "early\n"
                    stderr.decodeToString() shouldBe "bad\n"
                    message shouldContain "2s"
                }
            }
        }

        eachWay("M-029 a daemon that escapes the timeout does not keep the end from the readers", listOf(Way.SELECTABLE)) { way ->
            // Its parent has ended before, so that it is nobody's descendant.
            way.sh("(sh -c 'echo \$\$; exec sleep 1000' &); sleep 1000", hurried).use { process ->
                val result = shouldThrow<ProcessTimeoutException> { process.communicate() }
                ProcessHandle
                    .of(
                        result.stdout
                            .decodeToString()
                            .trim()
                            .toLong(),
                    ).ifPresent { it.destroyForcibly() }
            }
        }

        eachWay("P-020 a process need not read its input") { way ->
            val data = ByteArray(1_000_000)
            way.sh("exec <&-; echo out; exit 5").use {
                it.communicate(data).run {
                    stdout.decodeToString() shouldBe "out\n"
                    returnCode shouldBe 5
                }
            }
            way.start("true").use { it.communicate(data).returnCode shouldBe 0 }
        }

        eachWay("P-022 one that is cancelled has lost nothing when it is repeated") { way ->
            val data = Random(2).nextBytes(3_000_000)
            way.sh("printf 'part\\n'; read _ <&0; cat").use { process ->
                withContext(Dispatchers.Default) {
                    val first = async(start = CoroutineStart.UNDISPATCHED) { process.communicate("go\n".toByteArray() + data) }
                    process.stdin.drain()
                    first.cancelAndJoin()
                }
                val refusal = shouldThrow<IllegalStateException> { process.communicate("else".toByteArray()) }
                refusal.message shouldContain "another input"
                process.communicate().run {
                    stdout.copyOf(5).decodeToString() shouldBe "part\n"
                    (stdout.copyOfRange(5, stdout.size) contentEquals data) shouldBe true
                }
            }
        }

        eachWay("somebody else is reading") { way ->
            way.start("cat").use { process ->
                coroutineScope {
                    val reading = async(start = CoroutineStart.UNDISPATCHED) { process.stdout.readLine() }
                    val refusal = shouldThrow<IllegalStateException> { process.communicate("line\n".toByteArray()) }
                    refusal.message shouldContain "another coroutine"
                    process.stdin.write("line\n")
                    reading.await() shouldBe "line"
                }
            }
        }
    })
