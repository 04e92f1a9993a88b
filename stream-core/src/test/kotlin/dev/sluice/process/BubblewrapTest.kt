package dev.sluice.process

import dev.sluice.jvm
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldNotContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.net.InetAddress
import java.net.ServerSocket
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.nio.file.attribute.PosixFilePermissions
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit

private val onlyBubblewrap = listOf(Place.BUBBLEWRAP)

internal class BubblewrapTest :
    FunSpec({
        val outside = tempdir().toPath()
        val secret = outside.resolve("secret").also { Files.writeString(it, "secret") }

        fun bubble(configure: BubblewrapOptions.() -> Unit): SandboxOptions =
            SandboxOptions {
                launcher =
                    Launcher.bubblewrap(configure)
            }

        fun isolated(
            name: String,
            body: suspend () -> Unit,
        ) = eachPlace(name, onlyBubblewrap) { body() }

        isolated("X-069, X-070 a file outside can be neither read nor written") {
            Place.BUBBLEWRAP.sandbox().use { sandbox ->
                sandbox.output("cat", "$secret") shouldContain "No such file"
                sandbox.output("ls", "/root", "/home") shouldContain "No such file"
                sandbox.output("touch", "/usr/new") shouldContain "Read-only file system"
                sandbox.output("sh", "-c", "echo mine > file; cat file") shouldBe "mine\n"
                Files.readString(sandbox.workDir.resolve("file")) shouldBe "mine\n"
                sandbox.output("ls", "/tmp") shouldBe "${sandbox.workDir.fileName}\n"
            }
        }

        isolated("X-070 what is given can be read, or written, and no more") {
            val given = outside.resolve("given").also { Files.createDirectories(it) }
            Files.writeString(given.resolve("text"), "text")
            Sandbox.create(options = bubble { readOnly(given) }).use { sandbox ->
                sandbox.output("cat", "$given/text") shouldBe "text"
                sandbox.output("touch", "$given/new") shouldContain "Read-only file system"
            }
            Sandbox.create(options = bubble { writable(given) }).use { sandbox ->
                sandbox.output("sh", "-c", "echo new > $given/new")
                Files.readString(given.resolve("new")) shouldBe "new\n"
            }
            shouldThrow<NoSuchFileException> {
                Sandbox.create(
                    options = bubble { readOnly(outside.resolve("nope")) },
                )
            }.file shouldBe
                "$outside/nope"
        }

        isolated("M-116, X-060 a server on the loopback interface can't be reached, unless the network is given") {
            ServerSocket(0, 5, InetAddress.getLoopbackAddress()).use { server ->
                val connect =
                    arrayOf(
                        "python3",
                        "-c",
                        "import socket; socket.create_connection(('127.0.0.1', ${server.localPort})); print('reached')",
                    )
                Place.BUBBLEWRAP.sandbox().use { it.output(*connect) shouldContain "refused" }
                Sandbox.create(options = bubble { network = true }).use { it.output(*connect) shouldBe "reached\n" }
            }
        }

        isolated("X-071 other processes can't be seen") {
            Place.BUBBLEWRAP.sandbox().use { sandbox ->
                val seen = sandbox.output("sh", "-c", "cat /proc/[0-9]*/comm").lines()
                seen shouldContain "bwrap"
                seen shouldNotContain "java"
            }
        }

        isolated("X-068, X-075 nothing of root's power is in there") {
            Place.BUBBLEWRAP.sandbox().use { sandbox ->
                val status = sandbox.output("cat", "/proc/self/status")
                status shouldContain Regex("CapEff:\\s+0000000000000000")
                status shouldContain Regex("NoNewPrivs:\\s+1")
                sandbox.output("mount", "-o", "remount,rw", "/usr") shouldNotContain "rw,"
                sandbox.output("touch", "/usr/new") shouldContain "Read-only file system"
            }
        }

        isolated("X-064, X-066 signals reach the command itself, and its code comes back") {
            Sandbox
                .create(
                    "sh",
                    "-c",
                    "trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done",
                    options = SandboxOptions { launcher = Launcher.bubblewrap() },
                ).use { sandbox ->
                    sandbox.stdout.readLine() shouldBe "ready"
                    val other = sandbox.exec("sh", "-c", "trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done")
                    other.stdout.readLine() shouldBe "ready"
                    other.terminate()
                    other.awaitExit() shouldBe 7
                    sandbox.exec("sleep", "1000").use {
                        it.signal(10)
                        it.awaitExit() shouldBe 138
                    }
                    sandbox.exec("sleep", "1000").use {
                        it.kill()
                        it.awaitExit() shouldBe 137
                    }
                }
        }

        isolated("X-061 a daemon that a command leaves behind is gone when that ends") {
            Place.BUBBLEWRAP.sandbox().use { sandbox ->
                sandbox.exec("sh", "-c", "setsid sleep 1234 >/dev/null 2>&1 & exit 3").use { it.awaitExit() shouldBe 3 }
                eventually(
                    "it is gone",
                ) {
                    ProcessHandle.allProcesses().noneMatch {
                        it
                            .info()
                            .commandLine()
                            .orElse("")
                            .contains("sleep 1234")
                    }
                }
            }
        }

        isolated("X-063 the threads that start sandboxes, whose end would be theirs, never end") {
            val starters = ProcessThreads.starters as ThreadPoolExecutor
            starters.allowsCoreThreadTimeOut() shouldBe false
            starters.corePoolSize shouldBe starters.maximumPoolSize
        }

        isolated("X-062 a program that is killed takes its sandboxes with it") {
            val program =
                ProcessBuilder(jvm("dev.sluice.process.LingeringSandbox")).redirectError(ProcessBuilder.Redirect.INHERIT).start()
            val pid =
                program.inputStream
                    .bufferedReader()
                    .readLine()
                    .toLong()
            val family = familyOf(pid)
            program.destroyForcibly()
            program.waitFor(60, TimeUnit.SECONDS) shouldBe true
            eventually("all are dead") { family.none { it.isAlive } }
        }

        isolated("X-073 the terminal of this program is out of reach") {
            Place.BUBBLEWRAP.sandbox().use { sandbox ->
                val (session, own) =
                    sandbox
                        .output(
                            "sh",
                            "-c",
                            "cut -d' ' -f6 /proc/self/stat; cut -d' ' -f5 /proc/1/stat",
                        ).lines()
                session shouldBe own
            }
        }

        isolated("X-067 a program that can't be seen in there, and one that is not there at all") {
            val hidden =
                outside.resolve("hidden").also {
                    Files.writeString(it, "#!/bin/sh\n")
                    Files.setPosixFilePermissions(it, PosixFilePermissions.fromString("rwxr-xr-x"))
                }
            Place.BUBBLEWRAP.sandbox().use { sandbox ->
                shouldThrow<NoSuchFileException> { sandbox.exec("$hidden") }.run {
                    file shouldBe "$hidden"
                    reason shouldContain "readOnly()"
                }
                shouldThrow<NoSuchFileException> { sandbox.exec("nopenope") }.file shouldBe "nopenope"
                shouldThrow<NoSuchFileException> {
                    sandbox.exec(
                        "true",
                        options = ProcessOptions { workDir = outside },
                    )
                }.file shouldBe
                    "$outside"
            }
            Sandbox.create(options = bubble { readOnly(hidden) }).use { it.output("$hidden") shouldBe "" }
        }

        isolated("X-076, X-094 a fork bomb of an ordinary user is held to the limit of processes") {
            // Root's processes are not counted.
            val result = asOrdinaryUser("dev.sluice.process.ForkBomb")
            result shouldContain "Cannot fork"
            result.lines().last { it.isNotBlank() } shouldBe "survived"
        }

        test("bubblewrap that is not installed: what to install").config(enabledOrReasonIf = { isInstalled("env") }) {
            val said = asOrdinaryUser("dev.sluice.process.WithoutBubblewrap", mapOf("PATH" to "/nowhere"))
            said shouldContain "not installed"
            said shouldContain "bubblewrap"
        }
    })

/** Runs a program of this project as somebody without power, and gives what it says. */
private fun asOrdinaryUser(
    program: String,
    env: Map<String, String> = emptyMap(),
): String {
    val java = listOf("${System.getProperty("java.home")}/bin/java", "-cp", readableClassPath(), program)
    val isRoot = Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0
    val command = if (isRoot) listOf("/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups") + java else java
    val process = ProcessBuilder(command).redirectErrorStream(true).apply { environment() += env }.start()
    return process.inputStream
        .bufferedReader()
        .readText()
        .also { process.waitFor() }
}

/** An ordinary user may not look into the folders of another. */
private fun readableClassPath(): String {
    val copies =
        Files.createTempDirectory("classes").also {
            Files.setPosixFilePermissions(it, PosixFilePermissions.fromString("rwxr-xr-x"))
        }
    return System
        .getProperty("java.class.path")
        .split(':')
        .map(Path::of)
        .filter { Files.exists(it) }
        .mapIndexed { i, entry ->
            val copy = copies.resolve("$i-${entry.fileName}")
            entry.toFile().copyRecursively(copy.toFile())
            copy
        }.joinToString(":")
}

internal object ForkBomb {
    @JvmStatic
    fun main(args: Array<String>) {
        kotlinx.coroutines.runBlocking {
            val options =
                SandboxOptions {
                    launcher = Launcher.bubblewrap()
                    limits = SandboxLimits { processes = 20 }
                }
            val bomb = "f() { f | f & }; f; i=0; while [ \$i -lt 200 ]; do sleep 5 & i=\$((i+1)); done"
            Sandbox.create("sh", "-c", bomb, options = options).use { sandbox ->
                println(sandbox.stderr.readLine())
                println(sandbox.stderr.readLine())
            }
            println("survived")
        }
    }
}

internal object LingeringSandbox {
    @JvmStatic
    fun main(args: Array<String>) {
        kotlinx.coroutines.runBlocking {
            val process = Place.BUBBLEWRAP.sandbox().exec("sh", "-c", "echo ready; sleep 1000 & wait")
            process.stdout.readLine()
            println(process.pid)
            process.awaitExit()
        }
    }
}

internal object WithoutBubblewrap {
    @JvmStatic
    fun main(args: Array<String>) {
        kotlinx.coroutines.runBlocking {
            try {
                Place.BUBBLEWRAP.sandbox().close()
            } catch (e: UnsupportedOperationException) {
                println(e.message)
            }
        }
    }
}
