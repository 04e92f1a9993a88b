package dev.sluice.process

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.io.ByteArrayOutputStream
import java.io.OutputStream
import java.io.PrintStream

private val copied = ProcessOptions { stdout = StreamType.STDOUT }
private val bothCopied =
    ProcessOptions {
        stdout = StreamType.STDOUT
        stderr = StreamType.STDOUT
    }

internal class OutputCopyTest :
    FunSpec({
        eachWay("M-024, M-026 STDOUT is copied as it is, to what System.out is then, and all there after the exit") { way ->
            val bytes = byteArrayOf(1, 2, 10, -1)
            capturingOut { captured ->
                way.sh("printf '\\001\\002\\n\\377'", copied).use { it.awaitExit() shouldBe 0 }
                captured.toByteArray() shouldBe bytes
            }
        }

        eachWay("M-024 it comes while the process runs") { way ->
            capturingOut { captured ->
                way.sh("echo hi; read _", copied).use { process ->
                    eventually("it is copied") { captured.size() == 3 }
                    process.poll() shouldBe null
                }
            }
        }

        eachWay("M-025 stderr, too, goes to the standard output") { way ->
            capturingOut { captured ->
                way.sh("echo hi >&2", ProcessOptions { stderr = StreamType.STDOUT }).use { process ->
                    process.awaitExit()
                    process.stdout.read() shouldBe ByteArray(0)
                }
                captured.toString() shouldBe "hi\n"
            }
        }

        eachWay("M-026 a grandchild that keeps the pipe open does not keep awaitExit() waiting") { way ->
            capturingOut { captured ->
                way.sh("head -c 50000 /dev/zero; sleep 1000 & echo last", copied).use { process ->
                    process.awaitExit() shouldBe 0
                    if (way == Way.SELECTABLE) captured.size() shouldBe 50_005
                }
            }
        }

        eachWay("M-026 nor does one that has nothing to say") { way ->
            capturingOut {
                way.sh("sleep 1000 & exit 3", bothCopied).use { it.awaitExit() shouldBe 3 }
            }
        }
    })

private suspend fun capturingOut(body: suspend (ByteArrayOutputStream) -> Unit) {
    val before = System.out
    val captured = ByteArrayOutputStream()
    System.setOut(PrintStream(captured as OutputStream, false, "UTF-8"))
    try {
        body(captured)
    } finally {
        System.setOut(before)
    }
}
