package dev.sluice.net.interop

import dev.sluice.Connection
import dev.sluice.ConnectionResetException
import dev.sluice.net.ChannelTransport
import dev.sluice.net.EventLoop
import dev.sluice.net.EventLoops
import dev.sluice.net.SocketKind
import dev.sluice.net.leavingNothing
import dev.sluice.net.mustBe
import dev.sluice.net.pattern
import dev.sluice.net.tcpPair
import dev.sluice.net.unixPair
import dev.sluice.transport.Transport
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.withContext
import java.nio.channels.FileChannel
import java.nio.channels.SocketChannel
import java.nio.file.Files
import java.nio.file.Path

private const val SIZE = 20 * 1024 * 1024
private const val ODD_OFFSET = 1_234_567L
private const val ODD_COUNT = 7_654_321L

/** How the bytes of a file come to the socket. */
private enum class Way(
    private val text: String,
) {
    /** The writer may have the system do it, where it can. */
    OFFERED("where the transport moves files"),

    /** A wrapper of a transport hides that it can. */
    BUFFERED("through the writer's buffers"), ;

    fun over(transport: ChannelTransport): Transport = if (this == OFFERED) transport else object : Transport by transport {}

    override fun toString(): String = text
}

internal class SendFileOverSocketsTest :
    FunSpec({
        val content = pattern(SIZE, 8)
        val file = Files.createTempFile("sluice", ".dat")
        Files.write(file, content)
        afterSpec { Files.delete(file) }

        for (kind in SocketKind.entries) {
            for (way in Way.entries) {
                test("20 MiB of a file over $kind, $way") {
                    sending(kind, way, file) { it mustBe content } shouldBe SIZE
                }
                test("a part of a file over $kind, $way") {
                    val part = content.copyOfRange(ODD_OFFSET.toInt(), (ODD_OFFSET + ODD_COUNT).toInt())
                    sending(kind, way, file, ODD_OFFSET, ODD_COUNT) { it mustBe part } shouldBe ODD_COUNT
                }
                test("a file that is shorter than asked for over $kind, $way") {
                    val offset = SIZE - 100_000L
                    val end = content.copyOfRange(offset.toInt(), SIZE)
                    sending(kind, way, file, offset, 200_000) { it mustBe end } shouldBe 100_000
                    sending(kind, way, file, SIZE + 1L, 5) { it.size shouldBe 0 } shouldBe 0
                }
                test("text, a file and text again keep their order over $kind, $way") {
                    pair(kind, way) { left, right ->
                        coroutineScope {
                            val received = async { right.reader.read() }
                            left.writer.write("before ")
                            left.writer.sendFile(file, 0, 1_000_000)
                            left.writer.write(" after")
                            left.close()
                            received.await() mustBe "before ".toByteArray() + content.copyOf(1_000_000) + " after".toByteArray()
                        }
                    }
                }
                test("a peer that resets while a file is sent over $kind, $way") {
                    pair(kind, way) { left, right ->
                        coroutineScope {
                            val sent = async { runCatching { left.writer.sendFile(file) } }
                            right.reader.readExactly(1_000_000) mustBe content.copyOf(1_000_000)
                            right.abort()
                            shouldThrow<ConnectionResetException> { sent.await().getOrThrow() }
                            shouldThrow<ConnectionResetException> { left.writer.write("more") }
                            shouldThrow<ConnectionResetException> { left.awaitClosed() }
                        }
                    }
                }
            }
            test("the transport moves a file itself over $kind, as much as there is room for at a time") {
                transports(kind) { left, right, loop ->
                    coroutineScope {
                        val received = async { Connection(right).use { it.reader.read() } }
                        FileChannel.open(file).use { source ->
                            withContext(loop) {
                                var position = 0L
                                var waits = 0
                                while (position < SIZE) {
                                    val moved = left.tryTransfer(source, position, SIZE - position)
                                    position += moved
                                    if (moved == 0L) {
                                        waits++
                                        left.awaitWritable()
                                    }
                                }
                                waits shouldBeGreaterThan 0
                                left.tryTransfer(source, SIZE.toLong(), 100) shouldBe 0
                                left.writeEof()
                            }
                        }
                        received.await() mustBe content
                    }
                }
            }
        }
    })

/** Sends a part of [file] over a connection; what arrived is for [check], and how many bytes sendFile says they were is returned. */
private suspend fun sending(
    kind: SocketKind,
    way: Way,
    file: Path,
    offset: Long = 0,
    count: Long = -1,
    check: (ByteArray) -> Unit,
): Long {
    var sent = -1L
    pair(kind, way) { left, right ->
        coroutineScope {
            val received = async { right.reader.read() }
            sent = left.writer.sendFile(file, offset, count)
            left.writer.writeEof()
            check(received.await())
        }
    }
    return sent
}

private suspend fun pair(
    kind: SocketKind,
    way: Way,
    use: suspend (Connection, Connection) -> Unit,
) {
    transports(kind) { left, right, loop ->
        val sender = Connection(way.over(left), background = loop)
        val receiver = Connection(right, background = loop)
        sender.use { receiver.use { use(sender, receiver) } }
    }
}

private suspend fun transports(
    kind: SocketKind,
    use: suspend (ChannelTransport, ChannelTransport, EventLoop) -> Unit,
) {
    leavingNothing {
        EventLoops(1, "files").use { loops ->
            val loop = loops.next()
            val (left, right) = if (kind == SocketKind.TCP) tcpPair(loop) else unixPair(loop)
            use(left.onLoop(loop), right.onLoop(loop), loop)
        }
    }
}

private suspend fun SocketChannel.onLoop(loop: EventLoop) = withContext(loop) { ChannelTransport(this@onLoop, loop) }
