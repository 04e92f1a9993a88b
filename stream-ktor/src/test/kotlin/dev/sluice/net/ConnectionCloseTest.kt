package dev.sluice.net

import dev.sluice.CloseTimeoutException
import dev.sluice.InfoKey
import dev.sluice.StreamClosedException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.withContext
import java.io.IOException
import java.nio.ByteBuffer
import kotlin.time.Duration.Companion.milliseconds

internal class ConnectionCloseTest :
    FunSpec({
        for (kind in SocketKind.entries) {
            test(
                "C-113, W-039, J-017, J-028 close over $kind with unread input still delivers what was written, and then the end",
            ) {
                withLoop { loop ->
                    val (connection, peer) = kind.connectionAndPeer(loop)
                    val reply = pattern(2 shl 20)
                    peer.send(pattern(30_000))
                    connection.writer.write(reply)
                    connection.close()
                    withContext(Dispatchers.IO) { peer.receiveAll() } shouldBe reply
                    peer.close()
                    connection.awaitClosed()
                }
            }

            test("C-113 close over $kind does not follow a peer that sends for ever") {
                withLoop { loop ->
                    val (connection, peer) = kind.connectionAndPeer(loop)
                    connection.close()
                    // Until the channel is closed: then this side answers with a reset.
                    withContext(Dispatchers.IO) {
                        shouldThrow<IOException> { while (true) peer.send(ByteArray(4096)) }
                    }
                    connection.awaitClosed()
                    peer.close()
                }
            }

            test("C-113 close over $kind does not wait for ever for a peer that neither sends nor closes") {
                withLoop { loop ->
                    val (connection, peer) = kind.connectionAndPeer(loop)
                    connection.close()
                    connection.awaitClosed()
                    connection.info[InfoKey.Channel]!!.isOpen shouldBe false
                    peer.receiveAll() shouldBe ByteArray(0)
                    peer.close()
                }
            }

            test("C-116 a $kind peer that takes nothing for closeTimeout after close is given up, and awaitClosed says so") {
                withLoop { loop ->
                    val (connection, peer) = kind.connectionAndPeer(loop, ConnectOptions { closeTimeout = 100.milliseconds })
                    connection.writer.write(ByteArray(8 shl 20))
                    connection.close()
                    shouldThrow<CloseTimeoutException> { connection.awaitClosed() }
                    connection.info[InfoKey.Channel]!!.isOpen shouldBe false
                    peer.close()
                }
            }

            test("close over $kind from another thread ends a waiting read and a waiting drain with StreamClosedException") {
                withLoop { loop ->
                    val (connection, peer) = kind.connectionAndPeer(loop)
                    supervisorScope {
                        val read = async(start = CoroutineStart.UNDISPATCHED) { connection.reader.read(1) }
                        connection.writer.write(ByteArray(8 shl 20))
                        val drain = async(start = CoroutineStart.UNDISPATCHED) { connection.writer.drain() }
                        withContext(Dispatchers.Default) { connection.abort() }
                        shouldThrow<StreamClosedException> { read.await() }
                        shouldThrow<StreamClosedException> { drain.await() }
                    }
                    peer.close()
                }
            }

            test("after a cancelled read over $kind the next one gets the bytes that came meanwhile") {
                withLoop { loop ->
                    val (connection, peer) = kind.connectionAndPeer(loop)
                    repeat(3) {
                        coroutineScope {
                            val read = launch(start = CoroutineStart.UNDISPATCHED) { connection.reader.readExactly(5) }
                            peer.send("he".toByteArray())
                            read.cancel()
                        }
                        peer.send("llo".toByteArray())
                        connection.reader.readExactly(5) shouldBe "hello".toByteArray()
                    }
                    peer.close()
                    connection.close()
                    connection.awaitClosed()
                }
            }
        }

        test("W-045, J-018 abort resets a TCP peer at once, although the loop sleeps") {
            withLoop { loop ->
                val (connection, peer) = SocketKind.TCP.connectionAndPeer(loop)
                connection.writer.write("x")
                connection.writer.drain()
                peer.receive(1) shouldBe "x".toByteArray()
                connection.abort()
                withContext(Dispatchers.IO) {
                    shouldThrow<IOException> { peer.read(ByteBuffer.allocate(1)) }.message!! shouldContain "reset"
                }
                shouldThrow<StreamClosedException> { connection.reader.read(1) }
                connection.awaitClosed()
                peer.close()
            }
        }

        test("W-045 a Unix socket knows no reset: abort is an end") {
            withLoop { loop ->
                val (connection, peer) = SocketKind.UNIX.connectionAndPeer(loop)
                connection.abort()
                withContext(Dispatchers.IO) { peer.receiveAll() } shouldBe ByteArray(0)
                peer.close()
            }
        }

        test("S-076 abort cuts short a close that waits for its peer") {
            withLoop { loop ->
                val (connection, peer) = SocketKind.TCP.connectionAndPeer(loop)
                connection.close()
                connection.abort()
                connection.info[InfoKey.Channel]!!.isOpen shouldBe false
                peer.close()
            }
        }

        test("J-039 more buffers than the system takes in one call all arrive") {
            withLoop { loop ->
                val (left, right) = SocketKind.TCP.transports(loop)
                val sent = pattern(9_000)
                val buffers = Array(3_000) { ByteBuffer.wrap(sent, it * 3, 3) }
                coroutineScope {
                    launch {
                        var first = 0
                        while (first < buffers.size) {
                            val rest = buffers.copyOfRange(first, buffers.size)
                            if (left.tryWrite(rest, rest.size) == 0L) left.awaitWritable()
                            while (first < buffers.size && !buffers[first].hasRemaining()) first++
                        }
                    }
                    val received = ByteBuffer.allocate(sent.size)
                    while (received.hasRemaining()) if (right.tryRead(received) == 0) right.awaitReadable()
                    received.array() shouldBe sent
                }
                left.abort()
                right.abort()
            }
        }
    })
