package dev.sluice.process

import dev.sluice.ConnectionResetException
import dev.sluice.StreamClosedException
import dev.sluice.WriteLimitException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.longs.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer

private const val SIGCONT = 18
private const val SIGSTOP = 19

internal class ProcessInputTest :
    FunSpec({
        eachWay("M-040 bytes, buffers and text are written") { way ->
            way.start("cat").use { cat ->
                cat.stdin.write(byteArrayOf(0, -1, 10))
                cat.stdin.write(ByteBuffer.wrap(byteArrayOf(1, 2, 3), 1, 2))
                cat.stdin.write("é")
                cat.stdin.writeEof()
                cat.stdout.read() shouldBe byteArrayOf(0, -1, 10, 2, 3) + "é".toByteArray()
            }
        }

        eachWay("M-041 what was written may be changed afterwards") { way ->
            way.sh("read _ <&2; cat", ProcessOptions { stderr = StreamType.DEVNULL }).use { cat ->
                val data = ByteArray(200_000) { 7 }
                cat.stdin.write(data)
                data.fill(9)
                cat.stdin.writeEof()
                cat.stdout.read() shouldBe ByteArray(200_000) { 7 }
            }
        }

        eachWay("M-042, X-035 what is written leaves without a drain") { way ->
            way.start("cat").use { cat ->
                cat.stdin.write("prompt\n")
                cat.stdout.readLine() shouldBe "prompt"
            }
        }

        eachWay("M-043, M-045 a write over the limit is refused, and nothing of it is accepted") { way ->
            way.start("cat", options = ProcessOptions { writeLimit = 1000 }).use { cat ->
                shouldThrow<WriteLimitException> { cat.stdin.write(ByteArray(1001)) }.message.run {
                    this shouldContain "1001"
                    this shouldContain "1000"
                }
                val accepted = ByteArrayOutputStream()
                cat.signal(SIGSTOP)
                var refused = 0
                // More than a pipe holds, each with bytes of its own.
                for (number in 1..200) {
                    val data = ByteArray(1000) { number.toByte() }
                    try {
                        cat.stdin.write(data)
                        accepted.write(data)
                    } catch (_: WriteLimitException) {
                        refused++
                    }
                }
                refused shouldBeGreaterThan 0
                cat.signal(SIGCONT)
                cat.stdin.writeEof()
                cat.stdout.read() shouldBe accepted.toByteArray()
            }
        }

        eachWay("M-047, P-027 after writeEof() nothing can be written, and what was written before arrives") { way ->
            way.start("cat").use { cat ->
                cat.stdin.write("last\n")
                cat.stdin.writeEof()
                shouldThrow<IllegalStateException> { cat.stdin.write("x") }
                shouldThrow<IllegalStateException> { cat.stdin.write(ByteArray(0)) }
                cat.stdout.read().decodeToString() shouldBe "last\n"
                cat.awaitExit() shouldBe 0
            }
        }

        eachWay("M-048, M-049, M-056 writeEof() ends the input by itself, and twice is as once") { way ->
            way.start("cat").use { cat ->
                cat.stdin.canWriteEof shouldBe true
                val data = ByteArray(1_000_000) { it.toByte() }
                cat.stdin.write(data)
                cat.stdin.writeEof()
                cat.stdin.writeEof()
                cat.stdout.read() shouldBe data
                cat.awaitExit() shouldBe 0
            }
        }

        eachWay("M-056 close() of stdin flushes and ends the input, and leaves the output alone") { way ->
            way.start("cat").use { cat ->
                val data = ByteArray(1_000_000) { it.toByte() }
                cat.stdin.write(data)
                cat.stdin.close()
                cat.stdout.read() shouldBe data
                cat.stdin.awaitClosed()
                shouldThrow<StreamClosedException> { cat.stdin.write("x") }
                cat.awaitExit() shouldBe 0
            }
        }

        eachWay("M-052, P-018 after a failure each later call reports it") { way ->
            way.start("true").use { gone ->
                gone.awaitExit()
                eventually("the writer knows") {
                    runCatching {
                        gone.stdin.write("x")
                        gone.stdin.drain()
                    }.isFailure
                }
                repeat(2) {
                    shouldThrow<ConnectionResetException> { gone.stdin.drain() }
                    shouldThrow<ConnectionResetException> { gone.stdin.awaitClosed() }
                    shouldThrow<ConnectionResetException> { gone.stdin.write("y") }
                }
            }
        }

        eachWay("M-053, M-054 what is written during a drain is sent, once, and belongs to the next one") { way ->
            way.start("cat").use { cat ->
                val total = 3_000_000
                withContext(Dispatchers.Default) {
                    val back = async { cat.stdout.read() }
                    cat.stdin.write(ByteArray(1_000_000) { 1 })
                    val drains = List(2) { async { cat.stdin.drain() } }
                    cat.stdin.write(ByteArray(1_000_000) { 2 })
                    launch { cat.stdin.drain() }
                    cat.stdin.write(ByteArray(1_000_000) { 3 })
                    drains.awaitAll()
                    cat.stdin.writeEof()
                    back.await() shouldBe ByteArray(total) { (1 + it / 1_000_000).toByte() }
                }
            }
        }

        eachWay("M-055, P-017 the stdin of a process that has ended: a drain says so and names it") { way ->
            way.start("true").use { gone ->
                gone.awaitExit()
                gone.stdin.write("abc")
                shouldThrow<ConnectionResetException> { gone.stdin.drain() }.message.run {
                    this shouldContain "stdin of true (pid ${gone.pid})"
                    this shouldContain "closed"
                }
                shouldThrow<ConnectionResetException> { gone.stdin.awaitClosed() }
            }
        }

        eachWay("M-057 a stdin that nobody ends stays open") { way ->
            way.start("cat").use { cat ->
                cat.stdin.write("still there\n")
                cat.stdout.readLine() shouldBe "still there"
                cat.poll() shouldBe null
            }
        }

        eachWay("P-018, X-036 what a child did not read when it ended fails the drain") { way ->
            way.sh("read _").use { process ->
                process.stdin.write(ByteArray(1_000_000) { 'x'.code.toByte() })
                process.stdin.pending shouldBeGreaterThan 0
                process.kill()
                shouldThrow<ConnectionResetException> { process.stdin.drain() }
                shouldThrow<ConnectionResetException> { process.stdin.awaitClosed() }
            }
        }

        eachWay("P-019, X-036 a child that closes its stdin and goes on: the next drain says so, and it is unharmed") { way ->
            way
                .sh(
                    "exec <&-; echo closed; sleep 0.05; read _ <&2 || true; echo unharmed",
                    ProcessOptions {
                        stderr =
                            StreamType.DEVNULL
                    },
                ).use { process ->
                    process.stdout.readLine() shouldBe "closed"
                    shouldThrow<ConnectionResetException> {
                        // A pump learns of it with the first write; the writer with the second.
                        while (true) {
                            process.stdin.write("abc")
                            process.stdin.drain()
                        }
                    }.message shouldContain "stdin"
                    process.stdout.readLine() shouldBe "unharmed"
                    process.awaitExit() shouldBe 0
                }
        }

        eachWay("W-034, X-034 a stdin that nobody reads is aborted at once") { way ->
            way.start("sleep", "100").use { sleeping ->
                sleeping.stdin.write(ByteArray(1_000_000))
                sleeping.stdin.abort()
                sleeping.stdin.pending shouldBe 0
                shouldThrow<StreamClosedException> { sleeping.stdin.drain() }
                sleeping.poll() shouldBe null
            }
        }
    })
