package dev.sluice.net

import dev.sluice.Connection
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.net.BindException
import java.net.ConnectException
import java.net.SocketAddress
import java.nio.channels.ServerSocketChannel
import java.nio.file.Files
import java.nio.file.LinkOption.NOFOLLOW_LINKS
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.nio.file.attribute.BasicFileAttributes
import java.nio.file.attribute.PosixFilePermissions

internal class UnixServerTest :
    FunSpec({
        test("U-020, J-025 a socket that nobody serves any more is replaced") {
            leavingNothing {
                inFolder { folder ->
                    val path = folder.resolve("socket")
                    startUnixServer(path, ServerOptions { cleanupSocket = false }) {}.endNow()
                    SocketFile.isSocket(path) shouldBe true
                    val server = startUnixServer(path, handler = ::greet)
                    greetingAt(path) shouldBe "hello"
                    server.endNow()
                    Files.exists(path) shouldBe false
                }
            }
        }

        test("U-021, J-025 a path where somebody listens is a BindException, and they go on") {
            leavingNothing {
                inFolder { folder ->
                    val path = folder.resolve("socket")
                    val first = startUnixServer(path, handler = ::greet)
                    val failure = shouldThrow<BindException> { startUnixServer(path) {} }
                    failure.message shouldContain "in use"
                    failure.message shouldContain path.toString()
                    greetingAt(path) shouldBe "hello"
                    first.endNow()
                }
            }
        }

        test("U-021 a server whose backlog is full is somebody, too") {
            leavingNothing {
                inFolder { folder ->
                    val path = folder.resolve("socket")
                    val first = startUnixServer(path, SOON_FULL) {}
                    // The probes themselves fill it.
                    repeat(5) { shouldThrow<BindException> { startUnixServer(path) {} } }
                    SocketFile.isSocket(path) shouldBe true
                    first.endNow()
                }
            }
        }

        test("U-022, U-023 what is no socket is a BindException and stays: a file, a folder, a link to nothing or to a socket") {
            leavingNothing {
                inFolder { folder ->
                    val stale = folder.resolve("stale")
                    startUnixServer(stale, ServerOptions { cleanupSocket = false }) {}.endNow()
                    val file = Files.write(folder.resolve("file"), byteArrayOf(1, 2, 3))
                    val there =
                        listOf(
                            file,
                            Files.createDirectory(folder.resolve("folder")),
                            Files.createSymbolicLink(folder.resolve("dangling"), folder.resolve("nowhere")),
                            Files.createSymbolicLink(folder.resolve("link"), stale),
                        )
                    for (path in there) {
                        val key = SocketFile.keyOf(path)
                        shouldThrow<BindException> { startUnixServer(path) {} }.message shouldContain path.toString()
                        SocketFile.keyOf(path) shouldBe key
                    }
                    Files.readAllBytes(file) shouldBe byteArrayOf(1, 2, 3)
                    Files.readSymbolicLink(folder.resolve("link")) shouldBe stale
                    SocketFile.isSocket(stale) shouldBe true
                }
            }
        }

        test("U-024 a folder that is missing is a NoSuchFileException with the path, and nothing is left behind") {
            leavingNothing {
                inFolder { folder ->
                    val path = folder.resolve("none/socket")
                    val failure = shouldThrow<NoSuchFileException> { startUnixServer(path) {} }
                    failure.file shouldBe path.toString()
                    failure.reason shouldBe "its folder does not exist"
                    folder.toFile().list()!!.size shouldBe 0
                }
            }
        }

        test(
            "U-025 who may connect is decided by the umask, and by a private folder",
        ).config(enabledOrReasonIf = { onlyOnLinux() }) {
            inFolder { folder ->
                val path = folder.resolve("socket")
                val server = startUnixServer(path) {}
                val umask =
                    Files
                        .readAllLines(Path.of("/proc/self/status"))
                        .single { it.startsWith("Umask:") }
                        .substringAfter(':')
                        .trim()
                        .toInt(8)
                val mode = Files.getAttribute(path, "unix:mode", NOFOLLOW_LINKS) as Int and 0x1FF
                mode shouldBe (0x1FF and umask.inv())
                PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)) shouldBe "rwx------"
                server.endNow()
            }
        }

        test("U-026, U-027, J-025 close removes the file with cleanupSocket; without it stays and refuses") {
            leavingNothing {
                inFolder { folder ->
                    for (cleans in listOf(true, false)) {
                        val path = folder.resolve("socket-$cleans")
                        val server = startUnixServer(path, ServerOptions { cleanupSocket = cleans }, ::greet)
                        greetingAt(path) shouldBe "hello"
                        server.close()
                        Files.exists(path) shouldBe !cleans
                        server.endNow()
                        if (!cleans) shouldThrow<ConnectException> { openUnixConnection(path) }
                    }
                }
            }
        }

        test("U-028 a file that is another one by now stays, and one that is gone is no matter") {
            leavingNothing {
                inFolder { folder ->
                    val path = folder.resolve("socket")
                    captureLog().use { log ->
                        val replaced = startUnixServer(path) {}
                        Files.delete(path)
                        Files.write(path, byteArrayOf(7))
                        replaced.endNow()
                        Files.readAllBytes(path) shouldBe byteArrayOf(7)
                        Files.delete(path)

                        val succeeded = startUnixServer(path) {}
                        Files.delete(path)
                        val successor = startUnixServer(path, handler = ::greet)
                        succeeded.endNow()
                        greetingAt(path) shouldBe "hello"

                        Files.delete(path)
                        successor.endNow()
                        log.lines shouldBe emptyList()
                    }
                }
            }
        }

        test("U-028 a new file that has the inode of the one that was bound stays") {
            inFolder { folder ->
                val path = folder.resolve("file")
                val gone = Files.readAttributes(Files.createFile(path), BasicFileAttributes::class.java).fileKey()
                val ours = SocketFile.of(path)
                val key = SocketFile.keyOf(path)
                eventually("another file has its inode, and came later") {
                    Files.delete(path)
                    Files.createFile(path)
                    Files.readAttributes(path, BasicFileAttributes::class.java).fileKey() == gone && SocketFile.keyOf(path) != key
                }
                ours.deleteIfOurs()
                Files.exists(path) shouldBe true
                SocketFile.of(path).deleteIfOurs()
                Files.exists(path) shouldBe false
            }
        }

        test("U-026 a file whose rights were changed is still the server's, and removed") {
            inFolder { folder ->
                val path = folder.resolve("socket")
                val server = startUnixServer(path) {}
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"))
                server.endNow()
                Files.exists(path) shouldBe false
            }
        }

        test("U-030 a channel that is bound already is cleaned up too, while cleanupSocket is on") {
            leavingNothing {
                inFolder { folder ->
                    for (cleans in listOf(true, false)) {
                        val path = folder.resolve("adopted-$cleans")
                        val server = startServer(boundTo(path), ServerOptions { cleanupSocket = cleans }, ::greet)
                        server.addresses.single().toString() shouldBe path.toString()
                        greetingAt(path) shouldBe "hello"
                        server.endNow()
                        Files.exists(path) shouldBe !cleans
                    }
                }
            }
        }

        test("U-031 a relative path is made absolute before it is bound") {
            leavingNothing {
                inFolder { folder ->
                    val path = folder.toRealPath().resolve("socket")
                    val relative =
                        Path
                            .of("")
                            .toAbsolutePath()
                            .toRealPath()
                            .relativize(path)
                    relative.isAbsolute shouldBe false
                    val server = startUnixServer(relative, handler = ::greet)
                    val address = Path.of(server.addresses.single().toString())
                    address.isAbsolute shouldBe true
                    address.normalize() shouldBe path
                    greetingAt(path) shouldBe "hello"
                    server.endNow()
                    Files.exists(path) shouldBe false
                }
            }
        }

        test("U-032 a server that does not serve yet keeps its clients waiting, and removes its file when it is closed") {
            leavingNothing {
                inFolder { folder ->
                    val path = folder.resolve("socket")
                    val server = startUnixServer(path, ServerOptions { startServing = false }, ::greet)
                    val client = openUnixConnection(path)
                    server.isServing shouldBe false
                    server.startServing()
                    client.reader.readLine() shouldBe "hello"
                    client.close()
                    client.awaitClosed()
                    server.endNow()

                    val never = startUnixServer(path, ServerOptions { startServing = false }, ::greet)
                    Files.exists(path) shouldBe true
                    never.endNow()
                    Files.exists(path) shouldBe false
                }
            }
        }

        test("U-034 a program that ends without close leaves the file, which the next one replaces") {
            leavingNothing {
                inFolder { folder ->
                    val path = folder.resolve("socket")
                    val program = ChildJvm("dev.sluice.net.AbandonedServer", arguments = listOf("$path"))
                    program.lines() shouldBe listOf("serving $path")
                    SocketFile.isSocket(path) shouldBe true
                    val server = startUnixServer(path, handler = ::greet)
                    greetingAt(path) shouldBe "hello"
                    server.endNow()
                }
            }
        }
    })

/** A program that serves and ends at once, without a word to its server. */
internal object AbandonedServer {
    @JvmStatic
    fun main(args: Array<String>) {
        kotlinx.coroutines.runBlocking { println("serving ${startUnixServer(Path.of(args[0])) {}.addresses.single()}") }
    }
}

internal suspend fun greet(connection: Connection) {
    connection.writer.write("hello\n")
}

internal suspend fun greetingAt(path: Path): String? {
    val client = openUnixConnection(path)
    return client.reader.readLine().also {
        client.close()
        client.awaitClosed()
    }
}

private fun boundTo(path: Path): ServerSocketChannel {
    val unix = java.net.StandardProtocolFamily.valueOf("UNIX")
    val address = Class.forName("java.net.UnixDomainSocketAddress").getMethod("of", Path::class.java).invoke(null, path)
    val open = ServerSocketChannel::class.java.getMethod("open", java.net.ProtocolFamily::class.java)
    return (open.invoke(null, unix) as ServerSocketChannel).bind(address as SocketAddress)
}
