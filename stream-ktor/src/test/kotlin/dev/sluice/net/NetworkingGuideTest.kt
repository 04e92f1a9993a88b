@file:Suppress("ktlint:standard:multiline-expression-wrapping")

package dev.sluice.net

import dev.sluice.CloseTimeoutException
import dev.sluice.Connection
import dev.sluice.ConnectionResetException
import dev.sluice.InfoKey
import dev.sluice.StreamClosedException
import dev.sluice.WriteLimitException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.ktor.network.sockets.UnixSocketAddress
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.io.File
import java.net.BindException
import java.net.ConnectException
import java.net.InetSocketAddress
import java.net.StandardSocketOptions
import java.net.UnknownHostException
import java.nio.channels.NetworkChannel
import java.nio.channels.SocketChannel
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** What docs/networking.md tells its readers to write, and to catch. */
internal class NetworkingGuideTest :
    FunSpec({
        test("serving and connecting") {
            leavingNothing {
                // example
                val server = startServer("127.0.0.1", 0) { (reader, writer) ->
                    for (line in reader) {
                        writer.write(line)
                        writer.drain()
                    }
                }
                val port = (server.addresses.first() as InetSocketAddress).port
                // end

                // example
                val connection = openConnection("127.0.0.1", port)
                connection.use { (reader, writer) ->
                    writer.write("hello\n")
                    writer.drain()
                    check(reader.readLine() == "hello")
                }
                connection.awaitClosed()
                // end

                // example
                server.close() // nobody new
                server.closeClients() // and those who are here get what was written to them, then the end
                server.awaitClosed()
                // end
                server.connections shouldBe 0
            }
        }

        test("Unix sockets").config(
            enabledOrReasonIf = {
                if (UnixSocketAddress.isSupported()) {
                    Enabled.enabled
                } else {
                    Enabled.disabled(
                        "there are no Unix sockets",
                    )
                }
            },
        ) {
            leavingNothing {
                // example
                val folder = Files.createTempDirectory("service") // for this user alone
                val path = folder.resolve("socket")
                val server = startUnixServer(path) { (reader, writer) -> reader.copyTo(writer) }

                val connection = openUnixConnection(path)
                connection.use { (reader, writer) ->
                    writer.write("hello\n")
                    check(reader.readLine() == "hello")
                }
                // end
                connection.awaitClosed()
                server.close()
                server.awaitClosed()
                shouldThrow<NoSuchFileException> { openUnixConnection(path) }
                Files.delete(folder)
            }
        }

        test("options") {
            // example
            val serving = ServerOptions {
                maxConnections = 1000
                closeTimeout = 5.seconds
                onError = { _, failure -> println("a handler failed: $failure") }
            }
            val server = startServer("127.0.0.1", 0, serving) { (reader, writer) -> reader.copyTo(writer) }
            // end

            // example
            val connecting = ConnectOptions {
                connectTimeout = 3.seconds
                limit = 1024 * 1024
            }
            // end
            val connection = openConnection("127.0.0.1", server.port, connecting)
            connection.use { it.reader.limit shouldBe 1024 * 1024 }
            server.end(connection)
        }

        test("half-close") {
            val server = startServer("127.0.0.1", 0) { (reader, writer) -> writer.write(reader.read() + "!".toByteArray()) }
            val (reader, writer) = openConnection("127.0.0.1", server.port)
            // example
            writer.write("a question")
            writer.writeEof() // the peer reads it, then the end
            val answer = reader.read() // all until the peer ends its output
            writer.close()
            writer.awaitClosed()
            // end
            answer.decodeToString() shouldBe "a question!"
            server.end()
        }

        test("work that blocks") {
            val lookUp = { name: String -> "$name on ${Thread.currentThread().name}\n" }
            // example
            val server = startServer("127.0.0.1", 0) { (reader, writer) ->
                val name = reader.readLine().orEmpty()
                val found = withContext(Dispatchers.IO) { lookUp(name) }
                writer.write(found)
            }
            // end
            val asking = openConnection("127.0.0.1", server.port)
            asking.use { (reader, writer) ->
                writer.write("it\n")
                reader.readLine()!!.substringBefore("-worker") shouldBe "it on DefaultDispatcher"
            }
            server.end(asking)
            // example
            val onThreads = ServerOptions { context = Dispatchers.IO }
            // end
            val threads = startServer("127.0.0.1", 0, onThreads) { (_, writer) -> writer.write(lookUp("it")) }
            val told = openConnection("127.0.0.1", threads.port)
            told.use { (reader, _) -> reader.readLine()!!.substringBefore("-worker") shouldBe "it on DefaultDispatcher" }
            threads.end(told)
        }

        test("info") {
            val server = startServer("127.0.0.1", 0) { (reader, writer) -> reader.copyTo(writer) }
            val connection = openConnection("127.0.0.1", server.port)
            // example
            val peer = connection.info[InfoKey.PeerAddress]
            val channel = connection.info[InfoKey.Channel] as NetworkChannel
            val room = channel.getOption(StandardSocketOptions.SO_RCVBUF)
            // end
            peer shouldBe server.addresses.single()
            (room > 0) shouldBe true
            connection.close()
            connection.awaitClosed()
            connection.info[InfoKey.PeerAddress] shouldBe peer
            server.end()
        }

        test("other ways to a connection") {
            val server = startServer("127.0.0.1", 0) { (reader, writer) -> reader.copyTo(writer) }
            val address = server.addresses.single()
            // example
            val (left, right) = connectedPair() // two ends in this process
            val adopted = openConnection(SocketChannel.open(address)) // a channel that is connected already
            // end
            left.writer.write("hello\n")
            right.reader.readLine() shouldBe "hello"
            adopted.writer.write("hello\n")
            adopted.reader.readLine() shouldBe "hello"
            listOf(left, right, adopted).forEach { it.close() }
            server.end(left, right, adopted)
        }

        test("the errors of its table") {
            leavingNothing {
                val server = startServer("127.0.0.1", 0) { it.reader.read() }
                val port = server.port
                shouldThrow<BindException> { startServer("127.0.0.1", port) {} }
                shouldThrow<UnknownHostException> { openConnection("no..such.host", port) }
                val lost = openConnection("127.0.0.1", port)
                // Accepted, so that there is somebody to abort.
                eventually("the server has a client") { server.connections == 1 }
                server.abortClients()
                shouldThrow<ConnectionResetException> { lost.reader.read() }
                lost.close()

                val closed = openConnection("127.0.0.1", port)
                closed.close()
                shouldThrow<StreamClosedException> { closed.writer.write("more") }
                closed.awaitClosed()
                server.close()
                server.awaitClosed()
                shouldThrow<ConnectException> { openConnection("127.0.0.1", port) }
            }
        }

        test("a peer that takes nothing") {
            val deaf = startServer("127.0.0.1", 0) { it.writer.awaitClosed() }
            val options =
                ConnectOptions {
                    writeLimit = 20 * 1024 * 1024
                    closeTimeout = 500.milliseconds
                }
            val connection = openConnection("127.0.0.1", deaf.port, options)
            // More than the system's buffers take; a second time, more than the writer holds.
            connection.writer.write(ByteArray(19 * 1024 * 1024))
            shouldThrow<WriteLimitException> { connection.writer.write(ByteArray(19 * 1024 * 1024)) }
            connection.close()
            shouldThrow<CloseTimeoutException> { connection.awaitClosed() }
            deaf.close()
            deaf.abortClients()
            deaf.awaitClosed()
        }

        test("each example of the page stands in this file, and the other way round") {
            val blocks = Regex("```kotlin\n(.*?)```", RegexOption.DOT_MATCHES_ALL)
            val examples = Regex(" *// example\n(.*?)\n *// end\n", RegexOption.DOT_MATCHES_ALL)
            val page = File("../docs/networking.md").readText()
            val source = File("src/test/kotlin/dev/sluice/net/NetworkingGuideTest.kt").readText()
            val shown = blocks.findAll(page).map { it.groupValues[1].trim() }.toList()
            val run = examples.findAll(source).map { it.groupValues[1].trimIndent().trim() }.toList()
            run shouldContainExactlyInAnyOrder shown
        }
    })

private suspend fun StreamServer.end(vararg connections: Connection) {
    connections.forEach { it.awaitClosed() }
    close()
    awaitClosed()
}
