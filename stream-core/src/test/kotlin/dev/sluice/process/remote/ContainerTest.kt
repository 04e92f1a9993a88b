package dev.sluice.process.remote

import dev.sluice.jvm
import dev.sluice.process.ContainerOptions
import dev.sluice.process.Launcher
import dev.sluice.process.SandboxLimits
import dev.sluice.process.eventually
import dev.sluice.process.handle
import dev.sluice.process.output
import dev.sluice.process.sandbox
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import kotlinx.coroutines.runBlocking
import java.io.IOException
import java.net.InetAddress
import java.net.ServerSocket
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.util.function.Consumer

internal class ContainerTest :
    FunSpec({
        fun inPodman(
            name: String,
            body: suspend () -> Unit,
        ) = test(name).config(enabledOrReasonIf = { RemoteKind.PODMAN.enabled }) { body() }

        suspend fun container(configure: ContainerOptions.() -> Unit = {}) = sandbox(BusyboxImage.launcher(configure))

        inPodman("it sees no file, no process and no network of this machine, and can't change what it is given to read") {
            val given = tempdir().toPath().resolve("a, \"b\"").also { Files.createDirectory(it) }
            val secret = given.resolve("secret").also { Files.writeString(it, "secret") }
            ServerSocket(0, 5, InetAddress.getLoopbackAddress()).use { server ->
                container().use { sandbox ->
                    sandbox.output("cat", "$secret") shouldContain "No such file"
                    sandbox.output("ps") shouldNotContain "java"
                    sandbox.output("nc", "127.0.0.1", "${server.localPort}") shouldContain "refused"
                }
                container { readOnly(given) }.use { sandbox ->
                    sandbox.output("cat", "$secret") shouldBe "secret"
                    sandbox.output("touch", "$given/new") shouldContain "Read-only file system"
                }
                container { writable(given) }.use { it.output("sh", "-c", "echo new > '$given/new'") shouldBe "" }
                Files.readString(given.resolve("new")) shouldBe "new\n"
            }
        }

        inPodman("commands of one sandbox are in one container, and of two in two") {
            container().use { first ->
                container().use { second ->
                    first.output("sh", "-c", "echo first > /tmp/file")
                    first.output("cat", "/tmp/file") shouldBe "first\n"
                    second.output("cat", "/tmp/file") shouldContain "No such file"
                }
            }
        }

        inPodman("those whose parents have ended leave no dead behind") {
            container().use { sandbox ->
                sandbox.output("sh", "-c", "(sleep 0.01 &); (sleep 0.01 &); true")
                eventually("they are gone") { !sandbox.output("ps").contains("sleep") }
            }
        }

        inPodman("a container that is killed is no code") {
            container().use { sandbox ->
                val process = sandbox.exec("sh", "-c", "echo begun; sleep 1000")
                process.stdout.readLine() shouldBe "begun"
                BusyboxImage.podman(listOf("kill", sandbox.output("hostname").trim()))
                shouldThrow<IOException> { process.awaitExit() }.message shouldContain "lost"
            }
        }

        inPodman("all of it ends when the sandbox does, also what has a session of its own") {
            container().use { sandbox ->
                sandbox.output("sh", "-c", "setsid sleep 1000 & true")
                sandbox.terminate()
                eventually("its container is gone") { containers().isEmpty() }
                sandbox.awaitExit() shouldBe 137
            }
        }

        inPodman("a sandbox notices that its container is gone") {
            container().use { sandbox ->
                BusyboxImage.podman(listOf("kill", sandbox.output("hostname").trim()))
                shouldThrow<IOException> { sandbox.awaitExit() }.message shouldContain "has ended"
                sandbox.poll() shouldBe 137
            }
        }

        inPodman("a client that is killed is no code, and its command ends") {
            container().use { sandbox ->
                val process = sandbox.exec("sleep", "1000")
                process.handle!!.destroyForcibly()
                shouldThrow<IOException> { process.awaitExit() }.message shouldContain "lost"
                sandbox.output("ps") shouldNotContain "sleep"
            }
        }

        inPodman("X-094 a fork bomb is bounded, and can be ended") {
            sandbox(BusyboxImage.launcher()) { limits = SandboxLimits { processes = 20 } }.use { sandbox ->
                val bomb = sandbox.exec("sh", "-c", "f() { f | f & }; echo lit; f; wait; sleep 1000")
                bomb.stdout.readLine() shouldBe "lit"
                bomb.close()
                bomb.awaitExit() shouldBe 137
            }
            containers() shouldBe emptySet()
        }

        inPodman("it is gone when this program is killed") {
            val before = containers()
            val holding = jvm("dev.sluice.process.remote.HoldsContainer", BusyboxImage.label)
            val process = ProcessBuilder(holding).redirectError(ProcessBuilder.Redirect.INHERIT).start()
            process.inputStream.bufferedReader().readLine() shouldBe "held"
            containers().size shouldBe before.size + 1
            process.destroyForcibly().waitFor()
            eventually("it is gone") { containers() == before }
        }

        inPodman("it is gone when the sandbox is closed, and after a start that failed") {
            val before = containers()
            container().close()
            containers() shouldBe before
            shouldThrow<NoSuchFileException> { sandbox(BusyboxImage.launcher(), "nopenope") }.file shouldBe "nopenope"
            containers() shouldBe before
        }

        inPodman("an image that is not there: the engine's words") {
            val launcher = Launcher.container("podman", "localhost/nopenope") { runOptions("--pull=never") }
            shouldThrow<IOException> { sandbox(launcher) }.message shouldContain
                "podman (localhost/nopenope) could not be started"
        }

        val places = RemotePlaces(this)
        val standIns = listOf(RemoteKind.DOCKER, RemoteKind.NERDCTL)

        places.each("what a container as a whole is held to", standIns) { _, launcher ->
            sandbox(launcher) { limits = SandboxLimits { memory = 100_000_000 } }.use {
                it.output("echo", "held") shouldBe
                    "held\n"
            }
        }

        places.each("a limit that the engine takes and the system does not enforce is refused", standIns) { _, launcher ->
            val refused =
                shouldThrow<UnsupportedOperationException> {
                    sandbox(launcher) {
                        limits =
                            SandboxLimits { processes = 10 }
                    }
                }
            refused.message shouldContain
                "(stand-in) does not enforce the limit of processes: its control group says 'max' and not 42"
        }

        places.each("an image that can't be had", standIns) { kind, _ ->
            val engine = places.standIn("engine", kind.name.lowercase())
            shouldThrow<IOException> { sandbox(Launcher.container(engine, "nope")) }.message shouldContain
                "Unable to find image 'nope' locally"
        }

        test("an engine that is not installed, and what to do") {
            shouldThrow<UnsupportedOperationException> { sandbox(Launcher.container("nopenope", "image")) }.message shouldContain
                "nopenope is not installed"
            shouldThrow<UnsupportedOperationException> {
                sandbox(
                    Launcher.container("/nope/podman", "image"),
                )
            }.message shouldContain
                "package podman"
        }

        test("what is shared has to be there") {
            val launcher = Launcher.container("sh", "image") { readOnly(Path.of("/nope")) }
            shouldThrow<NoSuchFileException> { sandbox(launcher) }.file shouldBe "/nope"
        }

        test("an image is no option of the engine, and there is no engine without a name") {
            shouldThrow<IllegalArgumentException> { Launcher.container("docker", "--privileged") }
            shouldThrow<IllegalArgumentException> { Launcher.container("", "image") }
        }

        test("the builder of Java sets the same") {
            val options =
                ContainerOptions()
                    .network(true)
                    .readOnly(Path.of("/a"))
                    .writable(Path.of("/b"))
                    .engineOptions("-H", "host")
                    .runOptions("--init")
                    .copy()
            options.network shouldBe true
            options.readOnly shouldBe setOf(Path.of("/a"))
            options.writable shouldBe setOf(Path.of("/b"))
            options.engineOptions shouldBe listOf("-H", "host")
            options.runOptions shouldBe listOf("--init")
            "${Launcher.container("docker", "image", Consumer { it.network(true) })}" shouldBe "Launcher.container(docker, image)"
        }
    })

private fun containers(): Set<String> =
    BusyboxImage.podman(listOf("ps", "--all", "--quiet", "--filter=label=${BusyboxImage.label}")).lines().filterTo(HashSet()) {
        it.isNotEmpty()
    }

internal object HoldsContainer {
    @JvmStatic
    fun main(args: Array<String>) {
        BusyboxImage.label = args.single()
        runBlocking {
            sandbox(BusyboxImage.launcher())
            println("held")
            Thread.sleep(1_000_000)
        }
    }
}
