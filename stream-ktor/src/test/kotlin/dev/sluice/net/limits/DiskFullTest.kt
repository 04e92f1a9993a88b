package dev.sluice.net.limits

import dev.sluice.net.ChildJvm
import dev.sluice.net.ServerOptions
import dev.sluice.net.during
import dev.sluice.net.greet
import dev.sluice.net.greetingAt
import dev.sluice.net.inFolder
import dev.sluice.net.names
import dev.sluice.net.startUnixServer
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.core.test.EnabledOrReasonIf
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.runBlocking
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.deleteExisting

/** Servers in a folder with a file system of its own, which has room for [FILES] files and one page of bytes. */
internal class DiskFullTest : FunSpec({
    test("where no file can be made a Unix server fails and says where, leaves nothing, and starts when there is room")
        .config(enabledOrReasonIf = withNamespaces) {
            inFullDisk("files") { folder, told ->
                told shouldBe
                    listOf(
                        "full: java.net.SocketException: No space left on device: $folder/socket",
                        "left: ${FILLERS.joinToString(" ")}",
                        "with room: hello",
                        "meanwhile: filler1 filler2 socket",
                        "left: filler1 filler2",
                    )
            }
        }

    test("where no byte has room one starts all the same, and the file of its lock does not stay")
        .config(enabledOrReasonIf = withNamespaces) {
            inFullDisk("bytes") { _, told ->
                told shouldBe listOf("full: hello", "meanwhile: filler socket", "left: filler")
            }
        }

    test("one whose socket was left behind starts anew on a disk that is full").config(enabledOrReasonIf = withNamespaces) {
        inFullDisk("stale") { _, told ->
            told shouldBe listOf("full: hello", "meanwhile: filler1 filler2 filler3 socket", "left: filler1 filler2 filler3")
        }
    }
})

/** Less the root of the file system. */
private const val FILES = 4
private val FILLERS = List(FILES) { "filler${it + 1}" }

/** What makes a namespace for mounts here, as root or as anybody; null if nothing does. */
private val newNamespace: List<String>? by lazy {
    listOf("-m", "-Urm").map { listOf("unshare", it) }.firstOrNull { unshare ->
        try {
            ProcessBuilder(unshare + listOf("mount", "-t", "tmpfs", "tmpfs", "/mnt"))
                .redirectErrorStream(true)
                .start()
                .apply { inputStream.readAllBytes() }
                .waitFor() == 0
        } catch (_: IOException) {
            false
        }
    }
}

private val withNamespaces: EnabledOrReasonIf = {
    if (newNamespace != null) Enabled.enabled else Enabled.disabled("nothing can be mounted in a namespace of its own here")
}

private suspend fun inFullDisk(
    what: String,
    use: (Path, List<String>) -> Unit,
): Unit =
    inFolder { folder ->
        val mounting = "mount -t tmpfs -o size=4k,nr_inodes=${FILES + 1} tmpfs \"\$0\" && exec \"\$@\""
        val limits = "set -- ${newNamespace!!.joinToString(" ")} sh -c '$mounting' '$folder' \"\$@\""
        val child =
            ChildJvm(
                "dev.sluice.net.limits.OnFullDisk",
                limits = limits,
                arguments = listOf(what, "$folder"),
                environment = mapOf("LC_ALL" to "C"),
            )
        use(folder, child.lines())
    }

/** A child's program: says what comes of a server at a path in the folder of that file system. */
internal object OnFullDisk {
    @JvmStatic
    fun main(arguments: Array<String>): Unit =
        runBlocking {
            val folder = Path.of(arguments[1])
            when (arguments[0]) {
                "files" -> withoutFiles(folder)
                "bytes" -> withoutBytes(folder)
                "stale" -> withStaleSocket(folder)
            }
        }

    private suspend fun withoutFiles(folder: Path) {
        FILLERS.forEach { Files.createFile(folder.resolve(it)) }
        serve("full", folder)
        // For the socket and for its lock.
        FILLERS.drop(2).forEach { folder.resolve(it).deleteExisting() }
        serve("with room", folder)
    }

    private suspend fun withoutBytes(folder: Path) {
        Files.write(folder.resolve("filler"), ByteArray(4096))
        check(runCatching { Files.write(folder.resolve("more"), ByteArray(1)) }.isFailure) { "there is room" }
        Files.delete(folder.resolve("more"))
        serve("full", folder)
    }

    private suspend fun withStaleSocket(folder: Path) {
        startUnixServer(folder.resolve("socket"), ServerOptions { cleanupSocket = false }, ::greet).during { }
        FILLERS.dropLast(1).forEach { Files.createFile(folder.resolve(it)) }
        serve("full", folder)
    }

    private suspend fun serve(
        what: String,
        folder: Path,
    ) {
        val path = folder.resolve("socket")
        try {
            startUnixServer(path, handler = ::greet).during {
                println("$what: ${greetingAt(path)}")
                println("meanwhile: ${folder.files()}")
            }
        } catch (e: IOException) {
            println("$what: $e")
        }
        println("left: ${folder.files()}")
    }

    private fun Path.files() = names().joinToString(" ")
}
