package dev.sluice.net

import dev.sluice.ConnectTimeoutException
import dev.sluice.Connection
import dev.sluice.InfoKey
import dev.sluice.StreamClosedException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.ints.shouldBeGreaterThanOrEqual
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.withTimeout
import java.io.IOException
import java.net.ConnectException
import java.net.SocketAddress
import java.net.SocketOption
import java.net.StandardSocketOptions
import java.nio.channels.SocketChannel
import java.nio.file.Files
import java.nio.file.InvalidPathException
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.util.zip.ZipOutputStream
import kotlin.time.Duration.Companion.seconds

internal class UnixConnectionTest :
    FunSpec({
        test("U-001 a path is all that names a Unix socket, and one of another file system is refused") {
            leavingNothing {
                inFolder { folder ->
                    val echo = startUnixServer(folder.resolve("socket")) { (reader, writer) -> reader.copyTo(writer) }
                    val (reader, writer) = openUnixConnection(folder.resolve("socket"))
                    writer.write("hello\n")
                    reader.readLine() shouldBe "hello"
                    writer.close()
                    writer.awaitClosed()
                    echo.close()
                    echo.awaitClosed()

                    val archive = folder.resolve("archive.zip")
                    ZipOutputStream(Files.newOutputStream(archive)).close()
                    java.nio.file.FileSystems.newFileSystem(archive, null as ClassLoader?).use { zip ->
                        val inZip = zip.getPath("/socket")
                        shouldThrow<IllegalArgumentException> { openUnixConnection(inZip) }.message shouldContain "/socket"
                        shouldThrow<IllegalArgumentException> { startUnixServer(inZip) {} }.message shouldContain "/socket"
                    }
                }
            }
        }

        test("U-004 a path that is not there, or whose folder is not, is a NoSuchFileException with the path") {
            leavingNothing {
                inFolder { folder ->
                    for (path in listOf(folder.resolve("none"), folder.resolve("no/folder"))) {
                        val failure = shouldThrow<NoSuchFileException> { openUnixConnection(path) }
                        failure.file shouldBe path.toString()
                        failure.cause.shouldBeInstanceOf<IOException>()
                    }
                }
            }
        }

        test("U-005 a socket that nobody serves, a file and a folder are a ConnectException with the path") {
            leavingNothing {
                inFolder { folder ->
                    val stale = folder.resolve("stale")
                    startUnixServer(stale, ServerOptions { cleanupSocket = false }) {}.endNow()
                    val file = Files.createFile(folder.resolve("file"))
                    for (path in listOf(stale, file, folder)) {
                        val failure = shouldThrow<ConnectException> { openUnixConnection(path) }
                        failure.message shouldBe "Connection refused: $path"
                    }
                    Files.exists(stale) shouldBe true
                    Files.exists(file) shouldBe true
                }
            }
        }

        test("U-006, J-027 a full backlog is waited for until connectTimeout, and no connection is ever dead") {
            leavingNothing {
                inFolder { folder ->
                    val path = folder.resolve("socket")
                    val server =
                        startUnixServer(path, SOON_FULL) { (reader, writer) -> reader.copyTo(writer) }
                    val inTime = ConnectOptions { connectTimeout = 1.seconds }
                    val waiting = ArrayList<Connection>()
                    var failure: Throwable? = null
                    while (failure == null && waiting.size < 100) {
                        failure = failureOf { waiting += openUnixConnection(path, inTime) }
                    }
                    waiting.shouldNotBeEmpty()
                    waiting.size shouldBeLessThan 100
                    failure.shouldBeInstanceOf<ConnectTimeoutException>().message shouldContain "no connection to $path within 1s"
                    failure.cause.shouldBeInstanceOf<IOException>().message shouldContain "temporarily unavailable"

                    coroutineScope {
                        val patient = async(Dispatchers.Default, CoroutineStart.UNDISPATCHED) { openUnixConnection(path) }
                        patient.isCompleted shouldBe false
                        server.startServing()
                        waiting += withTimeout(60.seconds) { patient.await() }
                    }
                    for ((reader, writer) in waiting) {
                        writer.write("alive\n")
                        reader.readLine() shouldBe "alive"
                        writer.close()
                    }
                    server.endNow()
                }
            }
        }

        test("U-006 a cancelled wait for a full backlog leaves nothing") {
            leavingNothing {
                inFolder { folder ->
                    val path = folder.resolve("socket")
                    val server =
                        startUnixServer(path, SOON_FULL) {}
                    val waiting = ArrayList<Connection>()
                    val inTime = ConnectOptions { connectTimeout = 1.seconds }
                    while (failureOf { waiting += openUnixConnection(path, inTime) } == null) check(waiting.size < 100)
                    coroutineScope {
                        val patient = async(Dispatchers.Default, CoroutineStart.UNDISPATCHED) { openUnixConnection(path) }
                        patient.cancel()
                        patient.join()
                        patient.isCancelled shouldBe true
                    }
                    waiting.forEach { it.abort() }
                    server.endNow()
                }
            }
        }

        test("closing the event loop ends the wait for a full backlog") {
            leavingNothing {
                inFolder { folder ->
                    val path = folder.resolve("socket")
                    withLoop { loop ->
                        SilentPath.at(path, loop).use {
                            val loops = EventLoops(1, "closed-while-connecting")
                            supervisorScope {
                                val patient =
                                    async(Dispatchers.Default, CoroutineStart.UNDISPATCHED) {
                                        openUnixConnection(path, ConnectOptions { eventLoops = loops })
                                    }
                                loops.close()
                                shouldThrow<StreamClosedException> { patient.await() }.message shouldContain "was closed"
                            }
                        }
                    }
                }
            }
        }

        test("U-007 an empty path is refused, to connect and to serve") {
            shouldThrow<IllegalArgumentException> { openUnixConnection(Path.of("")) }.message shouldContain "empty"
            shouldThrow<IllegalArgumentException> { startUnixServer(Path.of("")) {} }.message shouldContain "empty"
        }

        test(
            "U-008 a path of 106 bytes works, one of 107 is an IOException with the path, its length and the limit, and NUL is none",
        ).config(enabledOrReasonIf = { onlyOnLinux() }) {
            leavingNothing {
                inFolder { folder ->
                    // Two bytes each in UTF-8.
                    val room = 106 - folder.toString().length - 1
                    val longest = folder.resolve("é".repeat(room / 2) + "x".repeat(room % 2))
                    longest.toString().toByteArray().size shouldBe 106
                    val server = startUnixServer(longest) { (_, writer) -> writer.write("hi\n") }
                    openUnixConnection(longest).run {
                        reader.readLine() shouldBe "hi"
                        close()
                        awaitClosed()
                    }
                    server.endNow()

                    val tooLong = Path.of(longest.toString() + "x")
                    for (use in listOf<suspend () -> Any>({ openUnixConnection(tooLong) }, { startUnixServer(tooLong) {} })) {
                        val failure = shouldThrow<IOException> { use() }
                        failure.message shouldBe
                            "the path of a Unix socket may have 106 bytes, and this one has 107: $tooLong"
                    }
                    Files.exists(tooLong) shouldBe false
                }
                shouldThrow<InvalidPathException> { Path.of("a\u0000b") }
            }
        }

        test("U-010 an abstract name is no path, and one that begins with @ is an ordinary file") {
            shouldThrow<InvalidPathException> { Path.of("\u0000name") }
            inFolder { folder ->
                val path = folder.resolve("@name")
                val server = startUnixServer(path) {}
                Files.exists(path) shouldBe true
                server.endNow()
            }
        }

        test("U-011, W-050 the path names the server's side, and the client's has an address that is empty") {
            leavingNothing {
                inFolder { folder ->
                    val path = folder.resolve("socket")
                    val served = CompletableDeferred<Pair<SocketAddress?, SocketAddress?>>()
                    val server = startUnixServer(path) { served.complete(it.addresses) }
                    server.addresses.map { it.toString() } shouldBe listOf(path.toString())
                    val client = openUnixConnection(path)
                    val (peer, local) = client.addresses
                    peer.toString() shouldBe path.toString()
                    local.toString() shouldBe ""
                    val (serverPeer, serverLocal) = withTimeout(30.seconds) { served.await() }
                    serverPeer.toString() shouldBe ""
                    serverLocal.toString() shouldBe path.toString()
                    listOf(peer, local, serverPeer, serverLocal).forEach { it!!.isUnix shouldBe true }
                    client.reader.read() shouldBe ByteArray(0)
                    client.close()
                    client.awaitClosed()
                    client.addresses shouldBe (peer to local)
                    server.endNow()
                }
            }
        }

        test("U-013, J-024 options of TCP are skipped on Unix channels, those that both have apply") {
            leavingNothing {
                inFolder { folder ->
                    val serving =
                        ServerOptions {
                            noDelay = true
                            keepAlive = true
                            reuseAddress = true
                            reusePort = true
                        }
                    val server = startUnixServer(folder.resolve("socket"), serving) { (reader, writer) -> reader.copyTo(writer) }
                    val connecting =
                        ConnectOptions {
                            noDelay = true
                            keepAlive = true
                            sendBuffer = 96 * 1024
                            receiveBuffer = 96 * 1024
                        }
                    val client = openUnixConnection(folder.resolve("socket"), connecting)
                    client.writer.write("with options\n")
                    client.reader.readLine() shouldBe "with options"
                    // Linux doubles what it is asked for.
                    client.option(StandardSocketOptions.SO_SNDBUF).let { (it == 96 * 1024 || it == 192 * 1024) shouldBe true }
                    client.option(StandardSocketOptions.SO_RCVBUF) shouldBeGreaterThanOrEqual 96 * 1024
                    client.close()
                    client.awaitClosed()
                    server.endNow()
                }
            }
        }

        test("U-014 who the peer is can be asked of the channel").config(enabledOrReasonIf = { onlyOnLinux() }) {
            inFolder { folder ->
                val asked = CompletableDeferred<String>()
                val server =
                    startUnixServer(folder.resolve("socket")) { connection ->
                        val channel = connection.info[InfoKey.Channel] as SocketChannel

                        @Suppress("UNCHECKED_CAST")
                        val peer = channel.supportedOptions().single { it.name() == "SO_PEERCRED" } as SocketOption<Any>
                        asked.complete(channel.getOption(peer).toString())
                    }
                val client = openUnixConnection(folder.resolve("socket"))
                withTimeout(30.seconds) { asked.await() } shouldContain "user=${System.getProperty("user.name")}"
                client.abort()
                server.endNow()
            }
        }

        test("J-028 a server that closes without having read what was sent is no failure for its client") {
            leavingNothing {
                inFolder { folder ->
                    val path = folder.resolve("socket")
                    val server =
                        startUnixServer(path, ServerOptions { startServing = false }) { (_, writer) -> writer.write("reply") }
                    val client = openUnixConnection(path)
                    // It is there before the server has seen the client.
                    client.writer.write("a request that nobody reads")
                    client.writer.drain()
                    server.startServing()
                    client.reader.read().decodeToString() shouldBe "reply"
                    client.close()
                    client.awaitClosed()
                    server.endNow()
                }
            }
        }

        test("J-030 where there are no Unix sockets, an UnsupportedOperationException says what they need") {
            val failure = shouldThrow<UnsupportedOperationException> { UnixSockets.checkSupported(isSupported = false) }
            failure.message shouldBe
                "Unix sockets need Java 16 or newer, this is ${System.getProperty(
                    "java.vendor",
                )} ${System.getProperty("java.version")}"
            UnixSockets.checkSupported(isSupported = true)
        }
    })

internal fun onlyOnLinux(): io.kotest.core.test.Enabled =
    if (System.getProperty("os.name") == "Linux") {
        io.kotest.core.test.Enabled.enabled
    } else {
        io.kotest.core.test.Enabled
            .disabled("this is of Linux alone")
    }

internal val Connection.addresses: Pair<SocketAddress?, SocketAddress?>
    get() = info[InfoKey.PeerAddress] to info[InfoKey.LocalAddress]

private fun Connection.option(option: SocketOption<Int>): Int = (info[InfoKey.Channel] as SocketChannel).getOption(option)

/** Ends the server and whoever is still connected. */
internal suspend fun StreamServer.endNow() {
    close()
    abortClients()
    withTimeout(60.seconds) { awaitClosed() }
}
