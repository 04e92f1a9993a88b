package dev.sluice.process

import dev.sluice.ProcessTimeoutException
import dev.sluice.process.remote.posixCommand
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.property.Arb
import io.kotest.property.arbitrary.Codepoint
import io.kotest.property.arbitrary.list
import io.kotest.property.arbitrary.map
import io.kotest.property.arbitrary.string
import io.kotest.property.checkAll
import java.io.File
import java.io.IOException
import java.net.ServerSocket
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.util.function.Consumer
import kotlin.time.Duration.Companion.milliseconds

internal class SshTest :
    FunSpec({
        test("X-080 any words come through a POSIX shell as they are") {
            val word = Arb.string(0..12, Arb.int256()).map { it.replace("\u0000", "") }
            checkAll(300, Arb.list(word, 1..5)) { words ->
                val process = ProcessBuilder("sh", "-c", posixCommand(listOf("printf", "%s\\0") + words)).start()
                process.inputStream.readBytes().decodeToString() shouldBe words.joinToString("") { "$it\u0000" }
            }
        }

        val server = if (findTool("ssh") != null && File("/usr/sbin/sshd").canExecute()) Sshd(tempdir().toPath()) else null
        afterSpec { server?.close() }

        fun remote(
            name: String,
            body: suspend (Launcher) -> Unit,
        ) = test(name).config(enabledOrReasonIf = {
            isInstalled(
                if (server ==
                    null
                ) {
                    "sshd"
                } else {
                    null
                },
            )
        }) { body(server!!.launcher()) }

        suspend fun sandbox(
            launcher: Launcher,
            vararg command: String,
            configure: SandboxOptions.Builder.() -> Unit = {},
        ) = Sandbox.create(
            *command,
            options =
                SandboxOptions {
                    this.launcher = launcher
                    configure()
                },
        )

        remote("X-080, X-086, X-087 commands, streams, codes, folder and environment are as on this machine") { launcher ->
            sandbox(launcher, "sh", "-c", "read a; echo got \$a; echo bad >&2; exit 42").use { sandbox ->
                sandbox.stdin.write("it\n")
                sandbox.stdout.read().decodeToString() shouldBe "got it\n"
                sandbox.stderr.read().decodeToString() shouldBe "bad\n"
                sandbox.awaitExit() shouldBe 42
            }
            sandbox(launcher) { env = mapOf("A" to "it's  \$HOME") }.use { sandbox ->
                sandbox.output("pwd") shouldBe "${sandbox.workDir}\n"
                sandbox.output("printenv", "A") shouldBe "it's  \$HOME\n"
                sandbox.output("printenv", "HOME") shouldBe "${sandbox.workDir}\n"
                sandbox.output("printf", "%s|", "a  b", "", "'\"", "\n", "é€") shouldBe "a  b||'\"|\n|é€|"
                sandbox.output("cat", options = ProcessOptions { workDir = Path.of("/") }) shouldBe ""
                val data = ByteArray(3_000_000) { it.toByte() }
                sandbox.exec("cat").use { (it.communicate(data).stdout contentEquals data) shouldBe true }
                sandbox.exec("true").use { it.communicate(data).returnCode shouldBe 0 }
            }
        }

        remote("X-081, X-084 signals arrive, and the end of the sandbox is that of its commands and its folder") { launcher ->
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
            Files.exists(dir) shouldBe true
            sandbox.close()
            left.awaitExit() shouldBe 137
            eventually("they are dead") { pids.none(::isAlive) }
            Files.exists(dir) shouldBe false
        }

        remote("X-083 what is missing there is told apart") { launcher ->
            sandbox(launcher).use { sandbox ->
                shouldThrow<NoSuchFileException> { sandbox.exec("nopenope") }.file shouldBe "nopenope"
                shouldThrow<NoSuchFileException> { sandbox.exec("/nope") }.file shouldBe "/nope"
                shouldThrow<NoSuchFileException> {
                    sandbox.exec(
                        "true",
                        options = ProcessOptions { workDir = Path.of("/nope") },
                    )
                }.file shouldBe
                    "/nope"
                shouldThrow<java.nio.file.AccessDeniedException> { sandbox.exec("/etc/passwd") }.file shouldBe "/etc/passwd"
                sandbox.exec("sh", "-c", "exit 255").use { it.awaitExit() shouldBe 255 }
            }
        }

        remote("X-082, M-071 a host that can't be reached, or does not know the key: the client's words") { launcher ->
            val free = ServerSocket(0).use { it.localPort }
            shouldThrow<IOException> { sandbox(server!!.launcher { port = free }) }.message shouldContain "refused"
            val stranger = tempdir().toPath().resolve("stranger").also(::makeKey)
            shouldThrow<IOException> { sandbox(server!!.launcher { identity = stranger }) }.message shouldContain "denied"
            launcher shouldNotBe null
        }

        remote("M-071, X-082 a connection that is lost is no code") {
            val other = Sshd(tempdir().toPath())
            sandbox(other.launcher()).use { sandbox ->
                val process = sandbox.exec("sleep", "1000")
                other.close()
                shouldThrow<IOException> { process.awaitExit() }.message shouldContain "lost"
            }
        }

        remote("M-022, M-067, P-024 types of streams and a timeout") { launcher ->
            sandbox(launcher).use { sandbox ->
                sandbox
                    .exec(
                        "sh",
                        "-c",
                        "echo a; echo b >&2; echo c",
                        options = ProcessOptions { stderr = StreamType.MERGED },
                    ).use {
                        it.communicate().stdout.decodeToString() shouldBe "a\nb\nc\n"
                    }
                sandbox.exec("sh", "-c", "echo a; echo b >&2", options = ProcessOptions { stdout = StreamType.DEVNULL }).use {
                    it.communicate().run { stderr.decodeToString() shouldBe "b\n" }
                }
                sandbox.exec("sleep", "1000", options = ProcessOptions { timeout = 300.milliseconds }).use {
                    shouldThrow<ProcessTimeoutException> { it.awaitExit() }
                }
            }
        }

        remote("X-088 a terminal there") { launcher ->
            sandbox(launcher, "sh", "-c", "test -t 0 && stty size; exit 3") { pty = PtySize(70, 20) }.use { sandbox ->
                sandbox.stdout.read().decodeToString() shouldBe "20 70\r\n"
                sandbox.awaitExit() shouldBe 3
            }
        }

        remote("the environment of the host can be inherited") { launcher ->
            sandbox(launcher) {
                inheritEnv = true
                env = mapOf("A" to "b")
            }.use { sandbox ->
                sandbox.output("printenv", "SSH_CONNECTION") shouldContain "127.0.0.1"
                sandbox.output("printenv", "A") shouldBe "b\n"
            }
        }

        test("the builder of Java sets the same, and what the client is told") {
            val options =
                SshOptions()
                    .port(22)
                    .user("me")
                    .identity(Path.of("/key"))
                    .set("UserKnownHostsFile", "/known")
            options.port shouldBe 22
            options.user shouldBe "me"
            options.identity shouldBe Path.of("/key")
            options.copy().arguments() shouldBe
                listOf("Port=22", "User=me", "IdentityFile=/key", "UserKnownHostsFile=/known").flatMap { listOf("-o", it) }
            "${Launcher.ssh("build.example.org")}" shouldBe "Launcher.ssh(build.example.org)"
            "${Launcher.ssh("build.example.org", Consumer { it.user("me") })}" shouldBe "Launcher.ssh(build.example.org)"
        }

        remote("limits are refused") { launcher ->
            shouldThrow<UnsupportedOperationException> {
                sandbox(launcher) { limits = SandboxLimits { openFiles = 5 } }
            }.message shouldContain
                "limits"
            shouldThrow<IllegalArgumentException> { Launcher.ssh("-oProxyCommand=x") }
        }
    })

private fun Arb.Companion.int256(): Arb<Codepoint> =
    io.kotest.property.arbitrary.arbitrary {
        Codepoint(it.random.nextInt(1, 256))
    }

private fun makeKey(file: Path) {
    ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "$file").inheritIO().start().waitFor() shouldBe 0
}

/** A server of ssh on the loopback interface, with a key of its own that it lets in. */
private class Sshd(
    private val dir: Path,
) : AutoCloseable {
    private val port = ServerSocket(0).use { it.localPort }
    private val key = dir.resolve("key").also(::makeKey)
    private val hostKey = dir.resolve("host").also(::makeKey)
    private val process: Process

    init {
        File("/run/sshd").mkdirs()
        val config = dir.resolve("config")
        Files.writeString(
            config,
            """
            Port $port
            ListenAddress 127.0.0.1
            HostKey $hostKey
            AuthorizedKeysFile $key.pub
            StrictModes no
            UsePAM no
            PidFile none
            MaxStartups 100
            """.trimIndent(),
        )
        process =
            ProcessBuilder(
                "/usr/sbin/sshd",
                "-D",
                "-e",
                "-f",
                "$config",
            ).redirectErrorStream(true).redirectOutput(File("$dir/log")).start()
        while (runCatching {
                java.net.Socket("127.0.0.1", port).close()
            }.isFailure
        ) {
            check(process.isAlive) { File("$dir/log").readText() }
        }
    }

    fun launcher(configure: SshOptions.() -> Unit = {}): Launcher {
        val known = dir.resolve("known")
        Files.writeString(known, "[127.0.0.1]:$port ${Files.readString(Path.of("$hostKey.pub"))}")
        return Launcher.ssh("127.0.0.1") {
            port = this@Sshd.port
            identity = key
            set("UserKnownHostsFile", "$known")
            set("IdentitiesOnly", "yes")
            configure()
        }
    }

    /** With the connections that it has. */
    override fun close() {
        familyOf(process.pid()).forEach { it.destroyForcibly() }
    }
}
