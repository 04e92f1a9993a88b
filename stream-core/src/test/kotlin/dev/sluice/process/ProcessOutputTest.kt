package dev.sluice.process

import dev.sluice.InfoKey
import dev.sluice.LimitOverrunException
import dev.sluice.StreamClosedException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.withContext
import java.nio.ByteBuffer
import java.nio.charset.CodingErrorAction
import kotlin.time.Duration.Companion.seconds

internal class ProcessOutputTest :
    FunSpec({
        eachWay("M-001 read() gives all that was written, as bytes and as text") { way ->
            val pieces = "printf a; printf 'b\\n'; printf c"
            way.sh(pieces).use { it.stdout.read() shouldBe "ab\nc".toByteArray() }
            way.sh(pieces).use { it.stdout.text().read() shouldBe "ab\nc" }
        }

        eachWay("M-002 a process that writes nothing") { way ->
            way.start("true").use {
                it.stdout.read() shouldBe ByteArray(0)
                it.stderr.text().read() shouldBe ""
            }
        }

        eachWay("M-003 iteration gives what comes as it comes, and never nothing") { way ->
            // Each piece waits until the one before was taken.
            val script = "printf a; read _; printf 'b\\n'; read _; printf c"
            way.sh(script).use { process ->
                val chunks = ArrayList<String>()
                process.stdout.chunks().collect {
                    chunks += it.decodeToString()
                    process.stdin.write("\n")
                }
                chunks shouldContainExactly listOf("a", "b\n", "c")
            }
            way.sh(script).use { process ->
                val chunks = ArrayList<String>()
                for (text in process.stdout.text()) {
                    chunks += text
                    process.stdin.write("\n")
                }
                chunks shouldContainExactly listOf("a", "b\n", "c")
            }
        }

        for ((rows, script, lines) in listOf(
            Triple("an unfinished one", "printf 'foo\\nbar\\nbaz'", listOf("foo\n", "bar\n", "baz")),
            Triple("from two pieces", "printf foo; sleep 0.01; printf 'bar\\n'; printf baz", listOf("foobar\n", "baz")),
            Triple("empty ones", "printf '\\n\\n'; printf 'a\\n'; printf '\\n'", listOf("\n", "\n", "a\n", "\n")),
            Triple("with a carriage return", "printf 'a\\r\\nb\\rc\\n'", listOf("a\r\n", "b\rc\n")),
        )) {
            eachWay("M-004, M-005, M-006, M-007 lines keep their newline, in text and in bytes: $rows") { way ->
                way.sh(script).use { process ->
                    val found = ArrayList<String>()
                    for (line in process.stdout.text(byLine = true)) found += line
                    found shouldContainExactly lines
                }
                way.sh(script).use { process ->
                    val found = ArrayList<String>()
                    for (line in process.stdout) found += line.decodeToString()
                    found shouldContainExactly lines
                }
                way.sh(script).use {
                    it.stdout.lines().toList() shouldContainExactly
                        lines.map { line -> line.removeSuffix("\n").removeSuffix("\r") }
                }
            }
        }

        eachWay("M-009, P-025 a line without end meets the limit, and reading without lines goes on") { way ->
            way.sh("printf %0200d 7; echo", ProcessOptions { limit = 100 }).use { process ->
                shouldThrow<LimitOverrunException> { process.stdout.readLine() }.limit shouldBe 100
                shouldThrow<LimitOverrunException> { for (line in process.stdout.text(byLine = true)) line shouldBe "never" }
                process.stdout.read().decodeToString() shouldBe "0".repeat(199) + "7\n"
            }
        }

        eachWay("M-010, M-011 a character that is cut between pieces is whole in the text") { way ->
            way.sh("printf 'caf\\303'; read _; printf '\\251'").use { process ->
                val found = ArrayList<String>()
                for (text in process.stdout.text()) {
                    found += text
                    process.stdin.write("\n")
                }
                found shouldContainExactly listOf("caf", "é")
            }
            way.sh("printf '\\342\\202'; sleep 0.01; printf '\\254'").use { it.stdout.text().read() shouldBe "€" }
        }

        eachWay("M-013, M-014 malformed text is replaced and nothing is lost") { way ->
            way.sh("printf 'ok\\n\\377\\376z\\ncaf\\303'").use { process ->
                val found = ArrayList<String>()
                for (line in process.stdout.text(Charsets.UTF_8, byLine = true, onMalformed = CodingErrorAction.REPLACE)) {
                    found +=
                        line
                }
                found shouldContainExactly listOf("ok\n", "��z\n", "caf�")
            }
        }

        eachWay("M-015 which output it is and whose is known, also of one that is no pipe") { way ->
            for (type in listOf(StreamType.PIPE, StreamType.DEVNULL)) {
                way
                    .start(
                        "true",
                        options =
                            ProcessOptions {
                                stdout = type
                                stderr = type
                            },
                    ).use { process ->
                        process.stdout.info[InfoKey.FileDescriptor] shouldBe 1
                        process.stderr.info[InfoKey.FileDescriptor] shouldBe 2
                        process.stdout.info[InfoKey.Process]!!.pid() shouldBe process.pid
                        process.stdin.info[InfoKey.Process]!!.pid() shouldBe process.pid
                    }
            }
        }

        eachWay("M-016, M-017 after the end everything is at the end, again and again, and nothing comes twice") { way ->
            way.sh("printf 'one\\ntwo\\n'").use { process ->
                process.stdout.readLine() shouldBe "one"
                process.stdout.read().decodeToString() shouldBe "two\n"
                repeat(2) {
                    process.stdout.read() shouldBe ByteArray(0)
                    process.stdout.read(ByteBuffer.allocate(1)) shouldBe -1
                    process.stdout.readLine() shouldBe null
                    process.stdout.lines().toList() shouldContainExactly emptyList()
                }
            }
        }

        eachWay("M-019 an iteration that is left or cancelled loses and repeats nothing") { way ->
            way.sh("printf 'one\\ntwo\\nthree\\n'; read _; printf four").use { process ->
                for (line in process.stdout.text(byLine = true)) {
                    line shouldBe "one\n"
                    break
                }
                process.stdout.lines().first() shouldBe "two"
                process.stdout.readLine() shouldBe "three"
                withContext(Dispatchers.Default) {
                    val reading = async(start = CoroutineStart.UNDISPATCHED) { process.stdout.read(10) }
                    reading.cancelAndJoin()
                }
                process.stdin.write("\n")
                process.stdout.read().decodeToString() shouldBe "four"
            }
        }

        eachWay("M-020 what was written before the end can be read after it") { way ->
            way.sh("printf 'last words'; printf 'and errors' >&2; exit 3").use { process ->
                process.awaitExit() shouldBe 3
                process.stdout.read().decodeToString() shouldBe "last words"
                process.stderr.read().decodeToString() shouldBe "and errors"
            }
        }

        eachWay("M-021, P-005, X-030 what nobody reads holds the process up, and none of it is lost") { way ->
            way.sh("head -c 65536 /dev/zero; echo done >&2; head -c 1000000 /dev/zero; echo never >&2").use { process ->
                process.stderr.readLine() shouldBe "done"
                // A pump holds one more buffer.
                val early = way == Way.PUMPED
                eventually("it is held up") { isHeldUp(process.pid) || early }
                process.poll() shouldBe null
                process.stdout.skip(Long.MAX_VALUE) shouldBe 1_065_536
                process.stderr.read().decodeToString() shouldBe "never\n"
                process.awaitExit() shouldBe 0
            }
        }

        eachWay("M-022, M-023, P-023 reading what is no pipe says which stream and why, and closing it does nothing") { way ->
            way
                .start(
                    "true",
                    options =
                        ProcessOptions {
                            stdout = StreamType.DEVNULL
                            stderr = StreamType.STDOUT
                        },
                ).use { process ->
                    shouldThrow<IllegalStateException> { process.stdout.read() }.message.run {
                        this shouldContain "stdout"
                        this shouldContain "DEVNULL"
                    }
                    shouldThrow<IllegalStateException> { process.stderr.readLine() }.message.run {
                        this shouldContain "stderr"
                        this shouldContain "STDOUT"
                    }
                    process.stdout.close()
                    process.communicate().run {
                        stdout shouldBe ByteArray(0)
                        stderr shouldBe ByteArray(0)
                        returnCode shouldBe 0
                    }
                }
        }

        eachWay("M-029, M-067, X-037 after a timeout come the bytes and then the end") { way ->
            way.sh("echo hi; sleep 100", ProcessOptions { timeout = 2.seconds }).use {
                it.stdout.read().decodeToString() shouldBe "hi\n"
            }
        }

        eachWay("P-024, X-042 MERGED goes into stdout, in the order of writing, and stderr is at its end") { way ->
            val script = "for i in 1 2 3; do echo out\$i; echo err\$i >&2; done"
            way.sh(script, ProcessOptions { stderr = StreamType.MERGED }).use { process ->
                process.stderr.read() shouldBe ByteArray(0)
                process.stdout.read().decodeToString() shouldBe "out1\nerr1\nout2\nerr2\nout3\nerr3\n"
            }
        }

        eachWay("closing stdout tells a process that writes on") { way ->
            if (way == Way.SELECTABLE) {
                way.sh("trap '' PIPE; read _; echo x || echo 'no reader' >&2").use { process ->
                    process.stdout.close()
                    shouldThrow<StreamClosedException> { process.stdout.read() }
                    process.stdin.write("\n")
                    process.stderr.text().read() shouldContain "no reader"
                }
            }
        }

        eachWay(
            "X-038, X-039, P-008 what a grandchild writes after the end of the child is not lost",
            listOf(Way.SELECTABLE),
        ) { way ->
            repeat(20) {
                way.sh("{ sleep 0.05; echo late; } & exit 4").use { process ->
                    process.awaitExit() shouldBe 4
                    process.stdout.read().decodeToString() shouldBe "late\n"
                }
            }
        }

        test("X-003 a child inherits nothing but its three streams") {
            startProcess("ls", "/proc/self/fd").use { process ->
                // ls has the folder open.
                process.stdout.lines().toList() shouldContainExactly listOf("0", "1", "2", "3")
            }
        }

        test("X-014, X-045 no thread is waiting for a process, however many there are") {
            startProcess("true").awaitExit()
            val before = ownThreads()
            val cats = List(20) { startProcess("cat") }
            val reads = cats.map { async(Dispatchers.Default) { it.stdout.readLine() } }
            (ownThreads() - before).size shouldBeLessThan 5
            cats.forEachIndexed { i, cat -> cat.stdin.write("$i\n") }
            reads.map { it.await() } shouldContainExactly cats.indices.map { "$it" }
            (ownThreads() - before).size shouldBeLessThan 5
            cats.forEach { it.close() }
        }
    })

/** Whether the process, or one that it has started and waits for, is blocked in writing to a pipe. */
internal fun isHeldUp(pid: Long): Boolean =
    familyOf(pid).any {
        val waiting = java.io.File("/proc/${it.pid()}/wchan")
        // Not everybody is shown where a process waits.
        waiting.exists() && waiting.readText().let { place -> "pipe" in place || place == "0" }
    }
