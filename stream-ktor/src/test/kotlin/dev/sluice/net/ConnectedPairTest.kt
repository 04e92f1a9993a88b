package dev.sluice.net

import dev.sluice.ConnectionResetException
import dev.sluice.InfoKey
import dev.sluice.StreamClosedException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.longs.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import java.io.File
import java.io.IOException
import java.net.InetSocketAddress
import java.net.StandardSocketOptions
import java.nio.channels.SocketChannel
import kotlin.time.Duration.Companion.seconds

internal class ConnectedPairTest :
    FunSpec({
        test("J-040, C-094 a pair is of Unix sockets, and leaves neither a folder nor a listener") {
            leavingNothing {
                val before = temporaryFolders()
                val (left, right) = connectedPair()
                temporaryFolders() shouldBe before
                (left.info[InfoKey.Channel] as SocketChannel).remoteAddress.isUnix shouldBe true
                for (end in listOf(left, right)) {
                    end.addresses.toList().all { it!!.isUnix } shouldBe true
                }
                left.abort()
                right.abort()
            }
        }

        test("J-040 a pair is of TCP sockets where no Unix socket can be made, and both ends send at once") {
            leavingNothing {
                for (failure in listOf(
                    IOException("Unix domain path too long"),
                    UnsupportedOperationException("before Java 16"),
                )) {
                    val loop = EventLoops.default.next()
                    val (left, right) = unixOrTcp(loop) { throw failure }
                    (left.remoteAddress as InetSocketAddress).address.isLoopbackAddress shouldBe true
                    left.remoteAddress shouldBe right.localAddress
                    left.localAddress shouldBe right.remoteAddress
                    for (end in listOf(left, right)) end.getOption(StandardSocketOptions.TCP_NODELAY) shouldBe true
                    left.close()
                    right.close()
                    loop.releaseClosed()
                }
            }
        }

        test("J-040 a cancelled pair leaves nothing") {
            leavingNothing {
                val before = temporaryFolders()
                repeat(50) { round ->
                    coroutineScope {
                        val pairing = launch(Dispatchers.Default) { connectedPair().toList().forEach { it.abort() } }
                        repeat(round * 20) { Thread.onSpinWait() }
                        pairing.cancel()
                    }
                }
                temporaryFolders() shouldBe before
            }
        }

        for (kind in SocketKind.values()) {
            test("C-094 the ends of a $kind pair are full connections: half-close") {
                onPair(kind) { left, right ->
                    left.writer.canWriteEof shouldBe true
                    left.writer.write("request")
                    left.writer.writeEof()
                    right.reader.read().decodeToString() shouldBe "request"
                    right.writer.write("reply")
                    right.writer.writeEof()
                    left.reader.read().decodeToString() shouldBe "reply"
                }
            }

            test("C-094 the ends of a $kind pair are full connections: backpressure") {
                onPair(kind) { left, right ->
                    val bytes = ByteArray(12 shl 20) { it.toByte() }
                    coroutineScope {
                        left.writer.write(bytes)
                        left.writer.pending shouldBeGreaterThan 0
                        val draining = async(Dispatchers.Default, CoroutineStart.UNDISPATCHED) { left.writer.drain() }
                        draining.isCompleted shouldBe false
                        right.reader.readExactly(bytes.size) shouldBe bytes
                        withTimeout(60.seconds) { draining.await() }
                    }
                }
            }

            test("C-094 the ends of a $kind pair are full connections: abort, and addresses") {
                onPair(kind) { left, right ->
                    for (end in listOf(left, right)) {
                        val (peer, local) = end.addresses
                        listOf(peer, local).all { it != null } shouldBe true
                    }
                    left.abort()
                    shouldThrow<StreamClosedException> { left.reader.read(1) }
                    if (kind == SocketKind.TCP) {
                        shouldThrow<ConnectionResetException> { right.reader.read(1) }
                    } else {
                        // A Unix socket has no reset of its own.
                        right.reader.read(1) shouldBe ByteArray(0)
                    }
                }
            }

            test("C-095 when one end of a $kind pair is closed, the other sees EOF, and then that its bytes are lost") {
                onPair(kind) { left, right ->
                    right.close()
                    withTimeout(60.seconds) { right.awaitClosed() }
                    left.reader.read() shouldBe ByteArray(0)
                    val lost =
                        withTimeout(60.seconds) {
                            var failure: Throwable? = null
                            // The first bytes over TCP only bring the reset.
                            while (failure == null) {
                                failure =
                                    failureOf {
                                        left.writer.write("anybody there?\n")
                                        left.writer.drain()
                                    }
                            }
                            failure
                        }
                    lost.shouldBeInstanceOf<ConnectionResetException>()
                    shouldThrow<ConnectionResetException> { left.writer.drain() }
                    shouldThrow<ConnectionResetException> { left.awaitClosed() }
                }
            }
        }
    })

private suspend fun onPair(
    kind: SocketKind,
    use: suspend (dev.sluice.Connection, dev.sluice.Connection) -> Unit,
) {
    leavingNothing {
        val (left, right) = kind.connections(EventLoops.default.next())
        try {
            withContext(Dispatchers.Default) { use(left, right) }
        } finally {
            left.abort()
            right.abort()
        }
    }
}

private fun temporaryFolders(): Set<String> =
    File(System.getProperty("java.io.tmpdir")).list { _, name -> name.startsWith("sluice") }.orEmpty().toSet()
