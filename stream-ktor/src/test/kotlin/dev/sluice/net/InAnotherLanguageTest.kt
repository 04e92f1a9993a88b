package dev.sluice.net

import dev.sluice.Connection
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.core.test.EnabledOrReasonIf
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldNotContain
import kotlinx.coroutines.runBlocking
import java.io.File
import java.io.IOException
import java.net.InetAddress
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.PosixFilePermissions
import java.util.concurrent.TimeUnit
import kotlin.time.Duration.Companion.seconds

private const val LANGUAGE = "de_DE.UTF-8"

/** Where the C library's locales can be, beside its own place: those that [LANGUAGE] needs are made there if this machine can. */
private val locales: Path? by lazy {
    val folder = Files.createTempDirectory("sluice-locales")
    Runtime.getRuntime().addShutdownHook(Thread { folder.toFile().deleteRecursively() })
    folder.takeIf { File("/usr/share/locale/de/LC_MESSAGES/libc.mo").exists() && it.hasLocale() }
}

private fun Path.hasLocale(): Boolean =
    try {
        val making = ProcessBuilder("localedef", "-i", "de_DE", "-f", "UTF-8", "$this/$LANGUAGE").redirectErrorStream(true)
        val process = making.redirectOutput(ProcessBuilder.Redirect.DISCARD).start()
        process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0
    } catch (_: IOException) {
        false
    }

private val inGerman: EnabledOrReasonIf = {
    if (locales != null) Enabled.enabled else Enabled.disabled("this machine can't speak German: localedef, libc-l10n")
}

/** Who is root may do everything, unless the capabilities for it are taken away. */
private val asSomebody =
    if (System.getProperty("user.name") == "root") "set -- setpriv --bounding-set=-dac_override,-dac_read_search \"$@\"" else null

internal class InAnotherLanguageTest :
    FunSpec({
        test("failures are told apart in whatever language the system reports them").config(enabledOrReasonIf = inGerman) {
            val told =
                ChildJvm(
                    "dev.sluice.net.InAnotherLanguage",
                    limits = asSomebody,
                    environment = mapOf("LC_ALL" to LANGUAGE, "LOCPATH" to "$locales"),
                ).lines().associate { it.substringBefore(": ") to it.substringAfter(": ") }
            withClue(told) {
                told["refused"]!! shouldNotContain "refused"
                val expected =
                    mapOf(
                        "TCP reset" to "ConnectionResetException",
                        "TCP reset while a file is sent" to "ConnectionResetException",
                        "TCP folder is sent" to "IOException, and the stream goes on",
                        "Unix reset" to "ConnectionResetException",
                        "Unix reset while a file is sent" to "ConnectionResetException",
                        "Unix folder is sent" to "IOException, and the stream goes on",
                        "full backlog" to "ConnectTimeoutException",
                        "no socket" to "NoSuchFileException",
                        "not in a folder" to "NoSuchFileException",
                        "not allowed" to "AccessDeniedException",
                        "one of two addresses" to "bound /127.0.0.1",
                    )
                told - "refused" shouldBe expected
            }
        }
    })

/** A program that meets failures, and prints a line for each. */
internal object InAnotherLanguage {
    @JvmStatic
    fun main(arguments: Array<String>) {
        check(arguments.isEmpty())
        runBlocking {
            println("refused: " + RefusingPort().use { failureOf { openConnection("127.0.0.1", it.port) } }?.message)
            withLoop { loop -> SocketKind.entries.forEach { losses(it, loop) } }
            inFolder { unixFailures(it) }
            val binding =
                Binding(
                    EventLoops.default.next(),
                    ServerOptions.Default,
                ) { listOf("203.0.113.1", "127.0.0.1").map(InetAddress::getByName) }
            println(
                "one of two addresses: bound " +
                    binding.bindAll(listOf("some.test"), 0).joinToString { "${it.localAddress}".substringBefore(":") },
            )
        }
    }

    private suspend fun losses(
        kind: SocketKind,
        loop: EventLoop,
    ) {
        val file = Files.write(Files.createTempFile("sluice", null), ByteArray(1))
        tell("$kind reset") { onLost(kind, loop) { it.writer.apply { write("x") }.drain() } }
        tell("$kind reset while a file is sent") { onLost(kind, loop) { it.writer.sendFile(file) } }
        Files.delete(file)
        val (connection, peer) = kind.connectionAndPeer(loop)
        val failure = inFolder { failureOf { connection.writer.sendFile(it) } }
        connection.writer.write("after")
        connection.writer.drain()
        println("$kind folder is sent: ${failure?.javaClass?.simpleName}, and the stream goes on")
        connection.abort()
        peer.close()
    }

    /** Does [work] until it fails: the first byte over TCP may only bring the reset. */
    private suspend fun onLost(
        kind: SocketKind,
        loop: EventLoop,
        work: suspend (Connection) -> Unit,
    ) {
        val (connection, peer) = kind.connectionAndPeer(loop)
        peer.close()
        try {
            while (true) work(connection)
        } finally {
            connection.abort()
        }
    }

    private suspend fun unixFailures(folder: Path) {
        val path = folder.resolve("socket")
        val server = startUnixServer(path, SOON_FULL) {}
        val waiting = ArrayList<Connection>()
        tell("full backlog") {
            while (waiting.size < 100) waiting += openUnixConnection(path, ConnectOptions { connectTimeout = 1.seconds })
        }
        tell("no socket") { openUnixConnection(folder.resolve("none")) }
        tell("not in a folder") { openUnixConnection(path.resolve("none")) }
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("r--------"))
        tell("not allowed") { openUnixConnection(path) }
        waiting.forEach { it.abort() }
        server.endNow()
    }

    private suspend fun tell(
        what: String,
        work: suspend () -> Unit,
    ): Unit = println("$what: ${failureOf { work() }?.javaClass?.simpleName}")
}
