package dev.sluice.process.remote

import dev.sluice.process.Launcher
import dev.sluice.process.SshOptions
import dev.sluice.process.familyOf
import io.kotest.matchers.shouldBe
import java.io.File
import java.net.ServerSocket
import java.nio.file.Files
import java.nio.file.Path

internal fun makeKey(file: Path) {
    ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "$file").inheritIO().start().waitFor() shouldBe 0
}

/** A server of ssh on the loopback interface, with a key of its own that it lets in. */
internal class Sshd(
    private val dir: Path,
) : AutoCloseable {
    private val port = ServerSocket(0).use { it.localPort }
    private val key = dir.resolve("key").also(::makeKey)
    private val hostKey = dir.resolve("host").also(::makeKey)
    private val process: Process

    init {
        File("/run/sshd").mkdirs()
        val config = dir.resolve("config")
        // Bash, started by ssh as somebody's first shell, runs what this user has in .bashrc; a nested one does not, and is as quick as can be.
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
            SetEnv SHLVL=2
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
