package dev.sluice.net

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import io.ktor.network.selector.SelectorManager
import io.ktor.network.sockets.Datagram
import io.ktor.network.sockets.InetSocketAddress
import io.ktor.network.sockets.ServerSocket
import io.ktor.network.sockets.Socket
import io.ktor.network.sockets.aSocket
import io.ktor.network.sockets.openReadChannel
import io.ktor.network.sockets.openWriteChannel
import io.ktor.network.sockets.port
import io.ktor.utils.io.core.buildPacket
import io.ktor.utils.io.core.writeText
import io.ktor.utils.io.readByteArray
import io.ktor.utils.io.readLine
import io.ktor.utils.io.toByteArray
import io.ktor.utils.io.writeStringUtf8
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlinx.io.readString
import java.io.IOException
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration.Companion.seconds

/** Programs that know Ktor's sockets and byte channels alone, with an event loop as their selector. */
internal class KtorProgramsTest :
    FunSpec({
        for (place in Place.entries) {
            test("Ktor's echo server greets many clients at once, its coroutines $place") {
                leavingNothing {
                    EventLoops(1, "programs", blockedTaskThreshold = null).use { loops ->
                        val loop = loops.next()
                        withContext(place.context(loop)) {
                            val server = aSocket(loop).tcp().bind("127.0.0.1", 0)
                            val serving = launch { greetAll(server) }
                            coroutineScope {
                                (1..20).map { async { conversation(loop, server.port, "client $it") } }.awaitAll()
                            }.forEachIndexed { index, heard ->
                                heard shouldBe
                                    listOf("Who are you?", "Hello, client ${index + 1} 0!", "Hello, client ${index + 1} 1!", null)
                            }
                            serving.cancelAndJoin()
                            server.close()
                        }
                    }
                }
            }
        }

        test("an HTTP request over Ktor's raw socket") {
            leavingNothing {
                EventLoops(1, "programs", blockedTaskThreshold = null).use { loops ->
                    val loop = loops.next()
                    val server = aSocket(loop).tcp().bind("127.0.0.1", 0)
                    val serving = CoroutineScope(loop.coroutineContext).launch { server.accept().use { answer(it) } }
                    aSocket(loop).tcp().connect(server.localAddress).use { socket ->
                        socket
                            .openWriteChannel(
                                autoFlush = true,
                            ).writeStringUtf8("GET /page HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                        val response = withTimeout(30.seconds) { socket.openReadChannel().toByteArray() }.decodeToString()
                        response shouldBe "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n/page"
                    }
                    withTimeout(30.seconds) { serving.join() }
                    server.close()
                }
            }
        }

        test("datagrams go to Ktor's UDP server and back") {
            leavingNothing {
                EventLoops(1, "programs", blockedTaskThreshold = null).use { loops ->
                    val loop = loops.next()
                    val server = aSocket(loop).udp().bind(InetSocketAddress("127.0.0.1", 0))
                    val serving =
                        CoroutineScope(
                            loop.coroutineContext,
                        ).launch { for (datagram in server.incoming) server.send(turned(datagram)) }
                    val client = aSocket(loop).udp().connect(server.localAddress)
                    for (text in listOf("abc", "x".repeat(1000) + "y")) {
                        client.send(Datagram(buildPacket { writeText(text) }, server.localAddress))
                        withTimeout(30.seconds) { client.receive() }.packet.readString() shouldBe text.reversed()
                    }
                    serving.cancelAndJoin()
                    client.close()
                    server.close()
                }
            }
        }

        test("a Ktor read that was cancelled can be repeated, and loses nothing") {
            EventLoops(1, "programs", blockedTaskThreshold = null).use { loops ->
                val loop = loops.next()
                val (left, right) = ktorPair(loop)
                val input = left.openReadChannel()
                val output = right.openWriteChannel(autoFlush = true)
                repeat(20) {
                    val reading = launch(start = CoroutineStart.UNDISPATCHED) { input.awaitContent(1000) }
                    if (it % 2 == 0) output.writeStringUtf8("$it\n")
                    reading.cancelAndJoin()
                    if (it % 2 == 1) output.writeStringUtf8("$it\n")
                }
                repeat(20) { withTimeout(30.seconds) { input.readLine() } shouldBe "$it" }
            }
        }

        test("a Ktor accept that was cancelled can be repeated at once, of which Ktor's own selector is not capable") {
            SelectorManager(Dispatchers.IO).use { acceptTwice(it).exceptionOrNull()?.message } shouldBe
                "Handler for ACCEPT is already registered"
            EventLoops(1, "programs", blockedTaskThreshold = null).use { acceptTwice(it.next()).getOrThrow() }
        }

        test("closing the loop fails a Ktor read and a Ktor accept with an IOException, and cancels nobody") {
            val loops = EventLoops(1, "programs", blockedTaskThreshold = null)
            val loop = loops.next()
            val (left, right) = ktorPair(loop)
            val server = aSocket(loop).tcp().bind("127.0.0.1", 0)
            val input = left.openReadChannel()
            val reading = async(Dispatchers.Default) { runCatching { input.readByteArray(1) } }
            val accepting = async(Dispatchers.Default) { runCatching { server.accept() } }
            val other = right.openWriteChannel(autoFlush = true)
            other.writeStringUtf8("x")
            withTimeout(30.seconds) { reading.await() }.getOrThrow().decodeToString() shouldBe "x"
            val readingAgain = async(Dispatchers.Default) { runCatching { input.readByteArray(1) } }
            loops.close()
            for (waiting in listOf(readingAgain, accepting)) {
                withTimeout(30.seconds) { waiting.await() }.exceptionOrNull().shouldBeInstanceOf<IOException>()
                waiting.isCancelled shouldBe false
            }
            listOf(left, right, server).forEach { it.close() }
        }

        test("accepting on a closed loop is an IOException") {
            val loops = EventLoops(1, "programs", blockedTaskThreshold = null)
            val loop = loops.next()
            aSocket(loop).tcp().bind("127.0.0.1", 0).use { server ->
                loops.close()
                shouldThrow<IOException> { withTimeout(30.seconds) { server.accept() } }
            }
        }
    })

/** Where the coroutines of a program run. */
private enum class Place(
    val context: (EventLoop) -> CoroutineContext,
) {
    ON_THE_LOOP({ it }),
    ELSEWHERE({ Dispatchers.Default }),
}

private suspend fun greetAll(server: ServerSocket): Unit =
    coroutineScope {
        while (true) {
            val socket = server.accept()
            launch { socket.use { greet(it) } }
        }
    }

private suspend fun greet(socket: Socket) {
    val input = socket.openReadChannel()
    val output = socket.openWriteChannel(autoFlush = true)
    output.writeStringUtf8("Who are you?\n")
    while (true) {
        val name = input.readLine() ?: break
        output.writeStringUtf8("Hello, $name!\n")
    }
    output.flushAndClose()
}

/** All that a client of [greetAll] hears, to the end. */
private suspend fun conversation(
    selector: SelectorManager,
    port: Int,
    name: String,
): List<String?> =
    withTimeout(60.seconds) {
        aSocket(selector).tcp().connect("127.0.0.1", port).use { socket ->
            val input = socket.openReadChannel()
            val output = socket.openWriteChannel(autoFlush = true)
            val heard = mutableListOf(input.readLine())
            repeat(2) {
                output.writeStringUtf8("$name $it\n")
                heard += input.readLine()
            }
            output.flushAndClose()
            heard + input.readLine()
        }
    }

/** Answers a request with the path that it asks for. */
private suspend fun answer(socket: Socket) {
    val input = socket.openReadChannel()
    val path = input.readLine()!!.split(' ')[1]
    while (input.readLine() != "") continue
    val output = socket.openWriteChannel()
    output.writeStringUtf8("HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n$path")
    output.flushAndClose()
}

private fun turned(datagram: Datagram) =
    Datagram(
        buildPacket {
            writeText(datagram.packet.readString().reversed())
        },
        datagram.address,
    )

/** Accepts, after an accept that was cancelled while it waited. */
private suspend fun acceptTwice(selector: SelectorManager): Result<Unit> =
    aSocket(selector).tcp().bind("127.0.0.1", 0).use { server ->
        coroutineScope {
            launch(start = CoroutineStart.UNDISPATCHED) { server.accept() }.cancelAndJoin()
            val accepting = async(start = CoroutineStart.UNDISPATCHED) { runCatching { server.accept().close() } }
            aSocket(selector).tcp().connect(server.localAddress).close()
            withTimeout(30.seconds) { accepting.await() }
        }
    }
