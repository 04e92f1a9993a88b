package dev.sluice.net

import dev.sluice.Connection
import dev.sluice.ConnectionResetException
import dev.sluice.InfoKey
import dev.sluice.StreamClosedException
import dev.sluice.testing.checkHalfCloseableStream
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import io.ktor.network.selector.Selectable
import io.ktor.network.selector.SelectorManager
import io.ktor.network.sockets.Socket
import io.ktor.network.sockets.awaitClosed
import io.ktor.network.sockets.openReadChannel
import io.ktor.utils.io.readLine
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield
import java.net.SocketException
import java.nio.channels.Channel
import java.nio.channels.SocketChannel
import kotlin.time.Duration.Companion.seconds

internal class KtorSocketsTest :
    FunSpec({
        for (way in Adoption.entries) {
            test("a Ktor socket $way talks, ends its output, reads on, and leaves nothing") {
                way.withAdopted { adopted ->
                    val (reader, writer) = adopted.connection
                    writer.write("to the peer\n")
                    writer.drain()
                    adopted.peer
                        .getInputStream()
                        .bufferedReader()
                        .readLine() shouldBe "to the peer"
                    writer.writeEof()
                    withTimeout(30.seconds) { readToEnd(adopted) shouldBe -1 }
                    adopted.peer.getOutputStream().write("to us\n".toByteArray())
                    reader.readLine() shouldBe "to us"
                    adopted.connection.close()
                    adopted.connection.awaitClosed()
                    withTimeout(30.seconds) { adopted.socket.awaitClosed() }
                }
            }

            test("C-067, C-069 a Ktor socket $way shows its addresses, also when it is closed") {
                way.withAdopted { (socket, connection, peer) ->
                    connection.info[InfoKey.PeerAddress] shouldBe peer.localSocketAddress
                    connection.info[InfoKey.LocalAddress] shouldBe peer.remoteSocketAddress
                    if (way.wrapped) {
                        connection.info[InfoKey.Channel].shouldBeNull()
                    } else {
                        connection.info[InfoKey.Channel].shouldBeInstanceOf<SocketChannel>()
                    }
                    connection.info[InfoKey.TlsSession].shouldBeNull()
                    connection.close()
                    withTimeout(30.seconds) { socket.awaitClosed() }
                    connection.info[InfoKey.PeerAddress] shouldBe peer.localSocketAddress
                    connection.info[InfoKey.LocalAddress] shouldBe peer.remoteSocketAddress
                }
            }

            test("C-071 what waited in a Ktor socket $way before it was adopted is read") {
                way.withSelector { selector ->
                    withPlainPeer(selector) { socket, peer ->
                        peer.getOutputStream().write("early".toByteArray())
                        val connection = way.adopt(socket, selector)
                        connection.reader.readExactly(5).decodeToString() shouldBe "early"
                        connection.close()
                    }
                }
            }

            test("C-108 what a Ktor socket $way meets is mapped once: FIN, close, Ktor's close, reset") {
                for (event in Event.entries) {
                    withClue(event) {
                        way.withAdopted { adopted ->
                            val reading = waitingRead(adopted.connection)
                            event.happen(adopted)
                            val outcome = reading()
                            if (event == Event.KTORS_CLOSE) withTimeout(30.seconds) { adopted.socket.awaitClosed() }
                            // Through byte channels Ktor can't tell a cancelled job from the end, out of debug mode, until the socket is closed.
                            val mayBeEnd = event == Event.KTORS_CLOSE && way.wrapped
                            if (!mayBeEnd || outcome != "") event.check(adopted, outcome)
                            event.check(adopted, adopted.connection.nextOutcome(mayBeEnd))
                        }
                    }
                }
            }
        }

        for (way in Adoption.entries) {
            test(
                "a Ktor socket $way that was reset, and is aborted when nothing is under way any more, gives its descriptor back",
            ) {
                repeat(50) {
                    way.withAdopted { adopted ->
                        val reading = waitingRead(adopted.connection)
                        Event.RESET.happen(adopted)
                        Event.RESET.check(adopted, reading())
                        adopted.connection.abort()
                    }
                }
            }
        }

        for (way in Adoption.entries.filter { it.onLoop || it.wrapped }) {
            test("closing the selector below a Ktor socket $way is a StreamClosedException, and cancels nobody") {
                way.withAdopted { adopted ->
                    val reading = waitingRead(adopted.connection)
                    adopted.selector.close()
                    reading().shouldBeInstanceOf<StreamClosedException>()
                }
            }
        }

        for (way in Adoption.entries) {
            test("an orderly close of a Ktor socket $way is not called an abort") {
                way.withSelector { selector ->
                    repeat(50) {
                        withPlainPeer(selector) { socket, peer ->
                            val connection = way.adopt(socket, selector)
                            peer.close()
                            connection.reader.read() shouldBe ByteArray(0)
                            connection.close()
                            withTimeout(30.seconds) {
                                socket.awaitClosed()
                                connection.awaitClosed()
                            }
                            shouldThrow<StreamClosedException> { connection.writer.write("late") }.message shouldContain
                                "was closed by this side"
                        }
                    }
                }
            }
        }

        test("closing Ktor's selector does not disturb a socket that was adopted from it") {
            Adoption.ON_KTORS_SELECTOR.withAdopted { adopted ->
                val reading = waitingRead(adopted.connection)
                adopted.selector.close()
                adopted.peer.getOutputStream().write("still here".toByteArray())
                reading() shouldBe "still here"
                adopted.connection.close()
                adopted.connection.awaitClosed()
            }
        }

        for (way in Adoption.entries.filter { !it.wrapped }) {
            test("a Ktor socket $way keeps the contract of a half-closeable stream") {
                way.withSelector { selector ->
                    val loops = EventLoops(2, "kit")
                    loops.use {
                        checkHalfCloseableStream {
                            val (left, right) = ktorPair(selector)
                            transportOf(left, it) to transportOf(right, it)
                        }
                    }
                }
            }

            test("C-074 a closed Ktor socket $way is refused") {
                way.withSelector { selector ->
                    val (left, right) = ktorPair(selector)
                    left.close()
                    right.close()
                    left.awaitClosed()
                    shouldThrow<StreamClosedException> { left.asConnection() }.message shouldContain "is closed already"
                }
            }

            test("C-075 a Ktor socket $way that reads into a byte channel is refused, and goes on reading") {
                way.withSelector { selector ->
                    withPlainPeer(selector) { socket, peer ->
                        val channel = socket.openReadChannel()
                        eventually("Ktor waits for input") { (socket as Selectable).interestedOps != 0 }
                        shouldThrow<IllegalStateException> { socket.asConnection() }.message shouldContain
                            "byte channels were opened"
                        peer.getOutputStream().write("for Ktor\n".toByteArray())
                        channel.readLine() shouldBe "for Ktor"
                    }
                }
            }
        }

        test(
            "the descriptor of a socket on Ktor's selector is released though that sleeps, and its peer sees the end or the reset",
        ) {
            SelectorManager(Dispatchers.IO).use { selector ->
                for (reset in listOf(false, true)) {
                    leavingNothing {
                        withPlainPeer(selector) { socket, peer ->
                            val connection = socket.asConnection()
                            if (reset) connection.abort() else connection.close()
                            val read = runCatching { withContext(Dispatchers.IO) { peer.getInputStream().read() } }
                            if (reset) {
                                read.exceptionOrNull().shouldBeInstanceOf<SocketException>()
                            } else {
                                read.getOrThrow() shouldBe
                                    -1
                            }
                            withTimeout(30.seconds) { socket.awaitClosed() }
                        }
                    }
                }
            }
        }

        test("other sockets on Ktor's selector go on when one is adopted from it") {
            SelectorManager(Dispatchers.IO).use { selector ->
                withPlainPeer(selector) { staying, peer ->
                    val input = staying.openReadChannel()
                    repeat(100) {
                        peer.getOutputStream().write("$it\n".toByteArray())
                        withPlainPeer(selector) { socket, _ -> socket.asConnection().abort() }
                        withTimeout(30.seconds) { input.readLine() } shouldBe "$it"
                    }
                }
            }
        }

        test("the connection lives on the loop on which it is made, else on one of the given loops") {
            EventLoops(2, "adopting").use { loops ->
                EventLoops(1, "other").use { others ->
                    val (left, right) = ktorPair(loops.next())
                    val own = loops.next()
                    withContext(
                        own,
                    ) { left.asConnection() }.use { eventually("it is on its maker's loop") { loopOf(it) === own } }
                    val elsewhere = ConnectOptions { eventLoops = others }
                    withContext(own) { right.asConnection(elsewhere) }.use {
                        eventually("it is on the given loop") {
                            loopOf(it) ===
                                others.next()
                        }
                    }
                }
            }
        }

        test("limits are those of the options") {
            val options =
                ConnectOptions {
                    limit = 10
                    writeLimit = 20
                }
            EventLoops(1, "adopting").use { loops ->
                val (left, right) = ktorPair(loops.next())
                for (socket in listOf(left, WrappedSocket(right))) {
                    socket.asConnection(options).use {
                        it.reader.limit shouldBe 10
                        it.writer.writeLimit shouldBe 20
                    }
                }
            }
        }
    })

/** What may happen to a socket while somebody reads from it. */
private enum class Event(
    val happen: suspend (AdoptedSocket) -> Unit,
    val check: (AdoptedSocket, Any) -> Unit,
) {
    FIN({ it.peer.shutdownOutput() }, { _, outcome -> outcome shouldBe "" }),
    OWN_CLOSE({ it.connection.close() }, { _, outcome -> outcome.shouldBeInstanceOf<StreamClosedException>() }),
    KTORS_CLOSE({ it.socket.close() }, { _, outcome -> outcome.shouldBeInstanceOf<StreamClosedException>() }),
    RESET(
        {
            it.peer.setSoLinger(true, 0)
            it.peer.close()
        },
        { adopted, outcome ->
            outcome.shouldBeInstanceOf<ConnectionResetException>().message shouldContain "127.0.0.1:${adopted.peer.localPort}"
        },
    ),
}

private operator fun AdoptedSocket.component1() = socket

private operator fun AdoptedSocket.component2() = connection

private operator fun AdoptedSocket.component3() = peer

private fun readToEnd(adopted: AdoptedSocket): Int = adopted.peer.getInputStream().read()

/** Begins a read, which waits; the result tells how it ended. */
private suspend fun waitingRead(connection: Connection): suspend () -> Any {
    val reading =
        CoroutineScope(currentCoroutineContext()).async(start = CoroutineStart.UNDISPATCHED) {
            outcomeOf { connection.reader.read(100) }
        }
    return { withTimeout(30.seconds) { reading.await() } }
}

/** That of the next read; if that [mayBeEnd] of the first one which is not. */
private suspend fun Connection.nextOutcome(mayBeEnd: Boolean): Any =
    withTimeout(30.seconds) {
        var outcome = outcomeOf { reader.read(10) }
        while (mayBeEnd && outcome == "") {
            yield()
            outcome = outcomeOf { reader.read(10) }
        }
        outcome
    }

/** What was read as text, or the exception; a cancellation of the caller is none of these. */
private suspend fun outcomeOf(read: suspend () -> ByteArray): Any =
    try {
        withTimeout(30.seconds) { read() }.decodeToString()
    } catch (e: Exception) {
        currentCoroutineContext().ensureActive()
        e
    }

private suspend fun transportOf(
    socket: Socket,
    loops: EventLoops,
): ChannelTransport {
    val loop = loops.next()
    val channel = (socket as Selectable).channel as SocketChannel
    SelectorDeparture.begin(socket, channel)
    return withContext(loop) { ChannelTransport(channel, loop, owner = socket) }
}

/** The loop on whose selector the channel is. */
private fun loopOf(connection: Connection): EventLoop? {
    val channel = connection.info[InfoKey.Channel] as Channel
    val threads = Thread.getAllStackTraces().keys.filterIsInstance<LoopThread>()
    return threads.map { it.loop }.firstOrNull { it.keyOf(channel as SocketChannel)?.attachment() is ChannelTransport }
}
