package dev.sluice.net

import dev.sluice.ConnectionResetException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.supervisorScope
import java.net.StandardSocketOptions
import java.nio.channels.SocketChannel

private fun SocketChannel.reset() {
    setOption(StandardSocketOptions.SO_LINGER, 0)
    close()
}

internal class ConnectionLossTest :
    FunSpec({
        test("C-108 a reset ends a waiting read, and every read, drain and awaitClosed after it") {
            withLoop { loop ->
                val (connection, peer) = SocketKind.TCP.connectionAndPeer(loop)
                val address = peer.localAddress
                supervisorScope {
                    val read = async(start = CoroutineStart.UNDISPATCHED) { connection.reader.read(100) }
                    peer.reset()
                    shouldThrow<ConnectionResetException> { read.await() }.message!! shouldContain "$address"
                }
                repeat(2) {
                    shouldThrow<ConnectionResetException> { connection.reader.read(100) }
                    shouldThrow<ConnectionResetException> { connection.writer.drain() }
                    shouldThrow<ConnectionResetException> { connection.awaitClosed() }
                }
                connection.reader.atEof shouldBe false
                connection.writer.isClosing shouldBe true
                connection.close()
            }
        }

        test("C-108, J-015 the bytes that came before a reset are read first") {
            withLoop { loop ->
                val (connection, peer) = SocketKind.TCP.connectionAndPeer(loop)
                peer.send("hello".toByteArray())
                connection.reader.readExactly(1) shouldBe "h".toByteArray()
                peer.reset()
                connection.reader.readExactly(2) shouldBe "el".toByteArray()
                connection.reader.read(100) shouldBe "lo".toByteArray()
                shouldThrow<ConnectionResetException> { connection.reader.read(100) }
                connection.close()
            }
        }

        for (kind in SocketKind.entries) {
            test(
                "C-110, J-015 writing to a $kind peer that has closed fails drain and awaitClosed, and leaves the end of the input",
            ) {
                withLoop { loop ->
                    val (connection, peer) = kind.connectionAndPeer(loop)
                    peer.close()
                    connection.reader.read() shouldBe ByteArray(0)
                    // The first one of TCP only makes the peer answer that it is gone.
                    shouldThrow<ConnectionResetException> {
                        while (true) {
                            connection.writer.write("late")
                            connection.writer.drain()
                        }
                    }
                    shouldThrow<ConnectionResetException> { connection.writer.drain() }
                    shouldThrow<ConnectionResetException> { connection.awaitClosed() }
                    connection.reader.read() shouldBe ByteArray(0)
                    connection.close()
                }
            }
        }

        test("a loss that the writer met first is no end of the input for the reader") {
            withLoop { loop ->
                val (left, right) = SocketKind.TCP.pair(loop)
                val transport = ChannelTransport(left, loop)
                right.reset()
                val byte = java.nio.ByteBuffer.allocate(1)
                shouldThrow<ConnectionResetException> {
                    while (true) if (transport.tryWrite(byte.duplicate()) == 0) transport.awaitWritable()
                }
                repeat(2) {
                    shouldThrow<ConnectionResetException> { if (transport.tryRead(byte) == 0) transport.awaitReadable() }
                }
                transport.close()
            }
        }
    })
