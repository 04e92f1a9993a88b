package dev.sluice.net

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.net.InetSocketAddress
import java.nio.file.Files

internal class EchoTest :
    FunSpec({
        test("an echo server and its client over TCP") {
            val server = startServer("127.0.0.1", 0) { (reader, writer) -> reader.copyTo(writer) }
            val connection = openConnection("127.0.0.1", (server.addresses.first() as InetSocketAddress).port)
            val (reader, writer) = connection
            writer.write("hello\n")
            writer.drain()
            reader.readLine() shouldBe "hello"
            writer.writeEof()
            reader.read() shouldBe ByteArray(0)
            connection.close()
            connection.awaitClosed()
            server.close()
            server.awaitClosed()
            server.connections shouldBe 0
        }
        test("an echo server and its client over a Unix socket") {
            val path = Files.createTempDirectory("sluice").resolve("s")
            val server = startUnixServer(path) { (reader, writer) -> reader.copyTo(writer) }
            val connection = openUnixConnection(path)
            connection.writer.write("hello\n")
            connection.reader.readLine() shouldBe "hello"
            connection.close()
            connection.awaitClosed()
            server.close()
            server.awaitClosed()
            Files.exists(path) shouldBe false
        }
        test("a pair") {
            val (left, right) = connectedPair()
            left.writer.write("hello\n")
            right.reader.readLine() shouldBe "hello"
            left.close()
            right.close()
            left.awaitClosed()
            right.awaitClosed()
        }
        test("the transports keep the contract over TCP") {
            val loops = EventLoops(2, "kit")
            dev.sluice.testing.checkHalfCloseableStream {
                val loop = loops.next()
                val (a, b) = tcpPair(loop)
                ChannelTransportMaker.make(a, loop) to ChannelTransportMaker.make(b, loops.next())
            }
            loops.close()
        }
        test("the transports keep the contract over Unix sockets") {
            val loops = EventLoops(2, "kit")
            dev.sluice.testing.checkHalfCloseableStream {
                val loop = loops.next()
                val (a, b) = unixPair(loop)
                ChannelTransportMaker.make(a, loop) to ChannelTransportMaker.make(b, loops.next())
            }
            loops.close()
        }
    })

internal object ChannelTransportMaker {
    suspend fun make(
        channel: java.nio.channels.SocketChannel,
        loop: EventLoop,
    ): ChannelTransport = kotlinx.coroutines.withContext(loop) { ChannelTransport(channel, loop) }
}
