package dev.sluice.process.remote

import dev.sluice.process.Launcher
import dev.sluice.process.SandboxLimits
import dev.sluice.process.SshOptions
import dev.sluice.process.output
import dev.sluice.process.sandbox
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.property.Arb
import io.kotest.property.arbitrary.Codepoint
import io.kotest.property.arbitrary.arbitrary
import io.kotest.property.arbitrary.list
import io.kotest.property.arbitrary.string
import io.kotest.property.checkAll
import java.io.IOException
import java.net.ServerSocket
import java.nio.file.Path
import java.util.function.Consumer

internal class SshTest :
    FunSpec({
        val server = lazy { Sshd(tempdir().toPath()) }
        afterSpec { if (server.isInitialized()) server.value.close() }

        fun remote(
            name: String,
            body: suspend (Sshd) -> Unit,
        ) = test(name).config(enabledOrReasonIf = { RemoteKind.SSH.enabled }) { body(server.value) }

        test("X-080 any words come through a POSIX shell as they are") {
            checkAll(300, Arb.list(Arb.string(0..12, latin1), 1..5)) { words ->
                val process = ProcessBuilder("sh", "-c", posixCommand(listOf("printf", "%s\\0") + words)).start()
                process.inputStream.readBytes().decodeToString() shouldBe words.joinToString("") { "$it\u0000" }
            }
        }

        remote("X-080 any words come through ssh as they are") { sshd ->
            sandbox(sshd.launcher()).use { sandbox ->
                checkAll(10, Arb.list(Arb.string(0..12, latin1), 1..5)) { words ->
                    sandbox.output("printf", "%s\\0", *words.toTypedArray()) shouldBe words.joinToString("") { "$it\u0000" }
                }
            }
        }

        remote("X-082, M-071 a host that can't be reached, or does not know the key: the client's words") { sshd ->
            val free = ServerSocket(0).use { it.localPort }
            shouldThrow<IOException> { sandbox(sshd.launcher { port = free }) }.message shouldContain "refused"
            val stranger = tempdir().toPath().resolve("stranger").also(::makeKey)
            shouldThrow<IOException> { sandbox(sshd.launcher { identity = stranger }) }.message shouldContain "denied"
        }

        remote("M-030, M-071, X-082 a connection that is lost is no code, and what came before can be read") {
            val other = Sshd(tempdir().toPath())
            sandbox(other.launcher()).use { sandbox ->
                val process = sandbox.exec("sh", "-c", "printf 'begun\\nmore\\n'; exec sleep 1000")
                process.stdout.readLine() shouldBe "begun"
                other.close()
                shouldThrow<IOException> { process.awaitExit() }.message shouldContain "lost"
                process.stdout.read().decodeToString() shouldBe "more\n"
            }
        }

        remote("X-094 a limit that the host would not hold a sandbox to is refused") { sshd ->
            shouldThrow<UnsupportedOperationException> {
                sandbox(sshd.launcher()) { limits = SandboxLimits { processes = 5 } }
            }.message shouldContain
                "processes"
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

        test("a host is no option of the client") {
            shouldThrow<IllegalArgumentException> { Launcher.ssh("-oProxyCommand=x") }
        }
    })

/** All but NUL, which no argument can hold. */
private val latin1 = arbitrary { Codepoint(it.random.nextInt(1, 256)) }
