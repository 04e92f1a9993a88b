package dev.sluice.process

import dev.sluice.jvm
import dev.sluice.process.remote.posixCommand
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.withContext
import java.io.ByteArrayOutputStream
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit

internal class AttachTest :
    FunSpec({
        test("M-073, M-077, M-080 keys go in and output comes out, unchanged, and the code is the result") {
            val seat = Seat(PtySize(90, 25))
            startProcess(
                "sh",
                "-c",
                "stty raw -echo; head -c 1 >/dev/null; stty size; head -c 3; exit 9",
                options =
                    ProcessOptions {
                        pty =
                            PtySize(1, 1)
                    },
            ).use { process ->
                seat.type(byteArrayOf(7, 0, -1, 3))
                process.attach(seat) shouldBe 9
                seat.shown.toString(Charsets.ISO_8859_1) shouldBe "25 90\n\u0000\u00ff\u0003"
                seat.isRaw shouldBe false
            }
        }

        test("M-076 the size of the window is followed") {
            val seat = Seat(PtySize(90, 25))
            val script = "trap 'stty size' WINCH; echo ready; while :; do sleep 0.01; done"
            startProcess("sh", "-c", script, options = ProcessOptions { pty = PtySize(90, 25) }).use { process ->
                withContext(Dispatchers.Default) {
                    val attached = async { process.attach(seat) }
                    eventually("it is ready") { "ready" in seat.shown.toString() }
                    seat.resizeTo(PtySize(60, 15))
                    eventually("it knows the size") { "15 60" in seat.shown.toString() }
                    process.kill()
                    attached.await() shouldBe 137
                }
                seat.listener shouldBe null
            }
        }

        test("M-075 when nothing more is typed the input ends, once") {
            val seat = Seat(null)
            startProcess("cat").use { process ->
                seat.type("typed".toByteArray())
                seat.end()
                process.attach(seat) shouldBe 0
                seat.shown.toString() shouldBe "typed"
            }
        }

        test(
            "M-072, M-074 a silent process may take its time; cancelling brings the terminal back and leaves the process alone",
        ) {
            val seat = Seat(PtySize(80, 24))
            startProcess("sleep", "1000", options = ProcessOptions { pty = PtySize(80, 24) }).use { process ->
                withContext(Dispatchers.Default) {
                    val attached = async { process.attach(seat) }
                    eventually("it is attached") { seat.isRaw }
                    attached.cancelAndJoin()
                }
                seat.isRaw shouldBe false
                seat.listener shouldBe null
                process.poll() shouldBe null
            }
        }

        test("M-074 a terminal that fails is brought back") {
            val seat = Seat(PtySize(80, 24), failsAtWriting = true)
            startProcess("sh", "-c", "echo x; sleep 1000", options = ProcessOptions { pty = PtySize(80, 24) }).use { process ->
                shouldThrow<IllegalStateException> { process.attach(seat) }.message shouldBe "no screen"
                seat.isRaw shouldBe false
            }
        }

        test("M-079 without a terminal nothing is touched, and it is said") {
            startProcess("cat").use { process ->
                shouldThrow<UnsupportedOperationException> { process.attach() }.message shouldContain "terminal"
                process.poll() shouldBe null
                process.communicate().returnCode shouldBe 0
            }
        }

        test("a shell in a real terminal: keys, screen, size, Ctrl-C, and the terminal as it was").config(enabledOrReasonIf = {
            isInstalled("tmux")
        }) {
            val dir = tempdir().toPath()
            Tmux(dir, columns = 100, rows = 30).use { tmux ->
                Files.writeString(
                    dir.resolve("attach"),
                    "stty -a > before; ${attachedShell()} 2> said; stty -a > after; echo over",
                )
                tmux.run(". ./attach")
                tmux.awaitScreen("inner-prompt")
                tmux.keys("stty size", "Enter")
                tmux.awaitScreen("30 100")
                tmux.keys("echo $((6 * 7))", "Enter")
                tmux.awaitScreen("42")
                tmux.resize(80, 20)
                tmux.keys("until stty size | grep '20 80'; do sleep 0.02; done", "Enter")
                tmux.awaitScreen("20 80")
                // The shell may be busy for itself: Ctrl-C means the program only once that is there.
                tmux.keys("sh -c 'echo sleeping; exec sleep 1000'", "Enter")
                tmux.awaitScreen("sleeping")
                tmux.keys("C-c")
                // Which makes the terminal forget what was typed behind it.
                tmux.awaitPrompt()
                tmux.keys("echo inter\"\"rupted", "Enter")
                tmux.awaitScreen("interrupted")
                tmux.keys("exit 5", "Enter")
                tmux.awaitScreen("over")
                Files.readString(dir.resolve("said")) shouldContain "ended with 5"
                settingsIn(dir.resolve("after")) shouldBe settingsIn(dir.resolve("before"))
            }
        }
    })

/** Without the size of the window, which the test has changed. */
private fun settingsIn(file: Path) = Files.readString(file).substringAfter("line =")

private fun attachedShell(): String = posixCommand(jvm("dev.sluice.process.AttachedShell"))

internal object AttachedShell {
    @JvmStatic
    fun main(args: Array<String>) {
        kotlinx.coroutines.runBlocking {
            val options =
                ProcessOptions {
                    pty = PtySize(80, 24)
                    env = mapOf("PS1" to "inner-prompt ", "ENV" to null)
                }
            startProcess("sh", options = options).use { System.err.println("ended with ${it.attach()}") }
        }
    }
}

/** A terminal in memory. */
private class Seat(
    size: PtySize?,
    private val failsAtWriting: Boolean = false,
) : LocalTerminal {
    @Volatile
    override var size: PtySize? = size
        private set
    val shown = ByteArrayOutputStream()

    @Volatile
    var isRaw = false

    @Volatile
    var listener: Runnable? = null
    private val keys = LinkedBlockingQueue<ByteArray>()

    fun type(bytes: ByteArray): Unit = keys.put(bytes)

    fun end(): Unit = keys.put(ByteArray(0))

    fun resizeTo(other: PtySize) {
        size = other
        listener?.run()
    }

    override fun enterRawMode(): AutoCloseable {
        isRaw = true
        return AutoCloseable { isRaw = false }
    }

    override fun onResize(listener: Runnable): AutoCloseable {
        this.listener = listener
        return AutoCloseable { this.listener = null }
    }

    override fun read(into: ByteArray): Int {
        val bytes = keys.poll(20, TimeUnit.MILLISECONDS) ?: return 0
        if (bytes.isEmpty()) return -1
        bytes.copyInto(into)
        return bytes.size
    }

    override fun write(
        data: ByteArray,
        count: Int,
    ) {
        check(!failsAtWriting) { "no screen" }
        shown.write(data, 0, count)
    }
}

/** A terminal with a person at it, as far as a test can have one. */
private class Tmux(
    private val dir: Path,
    columns: Int,
    rows: Int,
) : AutoCloseable {
    private val socket = dir.resolve("socket")

    init {
        tmux("-f", "/dev/null", "new-session", "-d", "-x", "$columns", "-y", "$rows", "-c", "$dir", "sh")
        tmux("set", "-g", "status", "off")
        tmux("resize-window", "-x", "$columns", "-y", "$rows")
    }

    fun run(command: String): Unit = keys(command, "Enter")

    fun keys(vararg keys: String) {
        tmux("send-keys", *keys)
    }

    fun resize(
        columns: Int,
        rows: Int,
    ) {
        tmux("resize-window", "-x", "$columns", "-y", "$rows")
    }

    /** A line that begins with [text]: what was typed for it begins with a prompt. */
    suspend fun awaitScreen(text: String) {
        eventually("'$text' is on the screen:\n${screen()}") { screen().lines().any { it.startsWith(text) } }
    }

    /** Nothing behind the last prompt. */
    suspend fun awaitPrompt() {
        eventually("a prompt is last on the screen:\n${screen()}") { screen().trim().lines().last() == "inner-prompt" }
    }

    private fun screen(): String = tmux("capture-pane", "-p", "-J")

    private fun tmux(vararg arguments: String): String {
        val process =
            ProcessBuilder(
                listOf("tmux", "-S", "$socket") + arguments,
            ).directory(dir.toFile()).redirectErrorStream(true).start()
        return process.inputStream
            .bufferedReader()
            .readText()
            .also { process.waitFor() }
    }

    override fun close() {
        tmux("kill-server")
    }
}
