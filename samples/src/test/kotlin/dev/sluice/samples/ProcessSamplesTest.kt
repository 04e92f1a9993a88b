package dev.sluice.samples

import dev.sluice.process.PtySize
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import java.nio.file.Files
import java.nio.file.Path

internal class ProcessSamplesTest :
    FunSpec({
        testBoth("sandbox-logs prints lines of both outputs while the command goes on") { language ->
            val flag = tempdir().toPath().resolve("go-on")
            val command = "echo one; echo two >&2; until [ -e '$flag' ]; do sleep 0.02; done; echo three; exit 3"
            language.start("SandboxLogs", "sh", "-c", command).use { logs ->
                listOf(logs.line(), logs.line()) shouldContainExactlyInAnyOrder listOf("out: one", "err: two")
                Files.createFile(flag)
                logs.rest() shouldBe "out: three\nended with 3\n"
            }
        }

        testBoth("feed-stdin feeds everything to a command that answers while it reads") { language ->
            val numbers = (1..100_000).joinToString("") { "$it\n" }
            language.start("FeedStdin", "cat").use { (it.rest() == "${numbers}ended with 0\n") shouldBe true }
        }

        testBoth("feed-stdin gives up when the command wants no more") { language ->
            language.start("FeedStdin", "head", "-n", "2").use {
                it.rest() shouldBe "1\n2\nit did not want all of them\nended with 0\n"
            }
        }

        testBoth("job-runner runs jobs at once, and keeps the lines of each in order") { language ->
            val flag = tempdir().toPath().resolve("go-on")
            val waiting = "echo waits; until [ -e '$flag' ]; do sleep 0.02; done; echo late >&2; exit 4"
            language.start("JobRunner", waiting, "echo early; touch '$flag'").use { jobs ->
                val byJob = jobs.rest().lines().groupBy { it.take(4) }
                byJob.keys shouldBe setOf("[1] ", "[2] ", "")
                byJob["[1] "] shouldBe listOf("[1] waits", "[1] late", "[1] ended with 4 after 2 lines")
                byJob["[2] "] shouldBe listOf("[2] early", "[2] ended with 0 after 1 lines")
            }
        }

        testBoth("job-runner keeps a line for each job at the bottom of a terminal") { language ->
            val command = language.command("JobRunner", "echo hello")
            Program(command) { pty = PtySize(80, 24) }.use {
                it.rest() shouldBe "[1] hello\r\njob 1: running, 1 lines\r\n" +
                    "\u001b[1A\u001b[J[1] ended with 0 after 1 lines\r\njob 1: ended with 0 after 1 lines\r\n"
            }
        }

        testBoth("shell passes keys, screen, size and code of a shell", Tool.TMUX) { language ->
            Tmux(tempdir().toPath()).use { tmux ->
                val shell = language.command("Shell", "sh", "-i").joinToString(" ") { "'$it'" }
                Files.writeString(tmux.folder.resolve("go"), "PS1='inner> ' $shell; echo over: $?\n")
                tmux.type(". ./go")
                tmux.awaitLine("inner>")
                tmux.type("stty size; echo $((6 * 7))")
                tmux.awaitLine("30 100")
                tmux.awaitLine("42")
                tmux.type("exit 5")
                tmux.awaitLine("over: 5")
            }
        }
    })

/** A terminal of 100 columns and 30 rows, with a shell in it. */
private class Tmux(
    val folder: Path,
) : AutoCloseable {
    init {
        tmux("-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "30", "-c", "$folder", "env", "PS1=outer> ", "sh")
        tmux("set", "-g", "status", "off")
        tmux("resize-window", "-x", "100", "-y", "30")
    }

    fun type(text: String) {
        tmux("send-keys", "-l", text)
        tmux("send-keys", "Enter")
    }

    /** A line that is [text], or a prompt that waits. */
    suspend fun awaitLine(text: String) {
        eventually({ "'$text' is on\n${screen()}" }) { text in screen().lines().map { it.trim() } }
    }

    private fun screen(): String = tmux("capture-pane", "-p", "-J")

    private fun tmux(vararg arguments: String): String {
        val command = listOf("tmux", "-S", "$folder/socket") + arguments
        val process = ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start()
        return process.inputStream
            .bufferedReader()
            .readText()
            .also { process.waitFor() }
    }

    override fun close() {
        tmux("kill-server")
    }
}
