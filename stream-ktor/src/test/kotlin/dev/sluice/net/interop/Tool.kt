package dev.sluice.net.interop

import dev.sluice.net.SocketKind
import dev.sluice.oracle.Python
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.core.test.TestScope
import io.ktor.network.sockets.UnixSocketAddress
import java.io.File
import java.nio.file.Files

private val isCi = System.getenv("CI").orEmpty() !in setOf("", "false")

/** A program that the tests talk with, and which a machine may not have: [command] is empty then. */
internal class Tool(
    val command: List<String>,
    private val whenMissing: String,
    private val isRequired: Boolean,
) {
    /** What keeps a test over [kind] of sockets from running here; null if nothing does. */
    fun obstacle(kind: SocketKind?): String? =
        when {
            command.isEmpty() && !isRequired -> whenMissing
            kind == SocketKind.UNIX && !UnixSocketAddress.isSupported() -> "there are no Unix sockets"
            else -> null
        }

    fun start(
        vararg arguments: String,
        input: File? = null,
        output: File? = null,
        folder: File? = null,
    ): Peer {
        if (command.isEmpty()) throw AssertionError(whenMissing)
        return Peer(command + arguments, input, output, folder)
    }

    companion object {
        val socat: Tool = onPath("socat")
        val curl: Tool = onPath("curl")
        val openssl: Tool = onPath("openssl")

        /** CI has to have it, as for the comparison of readers. */
        val python: Tool by lazy {
            val found = Python.find()
            // -I: no variable of the environment changes what the peer does.
            val command = found?.let { listOf(it.command, "-I", script().path) }
            Tool(
                command.orEmpty(),
                "no CPython 3.${Python.OLDEST_MINOR} or later was found; install one, or name it with SLUICE_PYTHON",
                isRequired = isCi,
            )
        }

        private fun onPath(name: String): Tool {
            val path = System.getenv("PATH").orEmpty().split(File.pathSeparatorChar)
            val file = path.map { File(it, name) }.firstOrNull { it.canExecute() }
            return Tool(listOfNotNull(file?.path), "$name is not installed", isRequired = false)
        }

        private fun script(): File {
            val file = Files.createTempFile("sluice-peer", ".py").toFile()
            file.deleteOnExit()
            file.writeBytes(checkNotNull(Tool::class.java.getResourceAsStream("peer.py")).use { it.readBytes() })
            return file
        }
    }
}

/** A test that needs [tool], over [kind] of sockets; it is skipped, and says why, where one of them is missing. */
internal fun FunSpec.testWith(
    tool: Tool,
    name: String,
    kind: SocketKind? = null,
    test: suspend TestScope.() -> Unit,
) {
    val obstacle = tool.obstacle(kind)
    if (obstacle != null) println("NOT tested: $name, because $obstacle")
    test(name).config(enabledOrReasonIf = { if (obstacle == null) Enabled.enabled else Enabled.disabled(obstacle) }, test = test)
}
