package dev.sluice.net

import dev.sluice.Connection
import dev.sluice.IdleTimeoutException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.comparables.shouldBeGreaterThanOrEqualTo
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldStartWith
import io.ktor.network.selector.SelectorManager
import io.ktor.network.sockets.Socket
import io.ktor.network.sockets.aSocket
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import java.net.SocketException
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

private val SHORT = 200.milliseconds

internal class IdleTimeoutTest : FunSpec({
    for (kind in SocketKind.entries) {
        test("$kind: a connection on which nothing goes either way is closed, and says so to all who use it") {
            kind.serving(handler = ::echo) { server ->
                val connection = kind.connect(server, ConnectOptions { idleTimeout = SHORT })
                connection.writer.write("x\n")
                connection.reader.readLine() shouldBe "x"
                val began = TimeSource.Monotonic.markNow()
                val failure = shouldThrow<IdleTimeoutException> { connection.reader.readLine() }
                began.elapsedNow() shouldBeGreaterThanOrEqualTo SHORT
                failure.message!! shouldStartWith "no byte went either way on the connection "
                failure.message!! shouldEndWith "for $SHORT, its idleTimeout, and it was closed"
                shouldThrow<IdleTimeoutException> { connection.reader.readLine() }
                shouldThrow<IdleTimeoutException> { connection.writer.write("y") }
                shouldThrow<IdleTimeoutException> { connection.writer.drain() }
                shouldThrow<IdleTimeoutException> { connection.awaitClosed() }
                connection.close()
            }
        }

        test("$kind: a server's, too; its handler hears of it, and the peer sees the end") {
            val told = CompletableDeferred<Throwable?>()
            val handler: suspend (Connection) -> Unit = { told.complete(runCatching { it.reader.readLine() }.exceptionOrNull()) }
            kind.serving(ServerOptions { idleTimeout = SHORT }, handler) { server ->
                val connection = kind.connect(server)
                (told.await() is IdleTimeoutException) shouldBe true
                connection.reader.readLine() shouldBe null
                connection.close()
            }
        }
    }

    test("bytes in either direction keep it, for many times its timeout") {
        val received = CompletableDeferred<Int>()
        val server = startServer("127.0.0.1", 0) { (reader, _) -> received.complete(reader.read().size) }
        server.during {
            val connection = openConnection("127.0.0.1", server.port, ConnectOptions { idleTimeout = 1.seconds })
            val reading = TimeSource.Monotonic.markNow()
            var sent = 0
            while (reading.elapsedNow() < 3.seconds) {
                connection.writer.write("x")
                connection.writer.drain()
                sent++
                delay(100.milliseconds)
            }
            connection.close()
            connection.awaitClosed()
            received.await() shouldBe sent
        }
        val talking =
            startServer("127.0.0.1", 0) { (_, writer) ->
                repeat(20) {
                    writer.write("x\n")
                    writer.drain()
                    delay(100.milliseconds)
                }
            }
        talking.during {
            val connection = openConnection("127.0.0.1", talking.port, ConnectOptions { idleTimeout = 1.seconds })
            repeat(20) { connection.reader.readLine() shouldBe "x" }
            connection.close()
        }
    }

    test("bytes that come to a loop that has slept are of the time at which they come") {
        withLoops { loops ->
            val loop = loops.next()
            val behind = CompletableDeferred<Int>()
            val options =
                ServerOptions {
                    eventLoops = loops
                    idleTimeout = 1.minutes
                }
            val server =
                startServer("127.0.0.1", 0, options) { (reader, _) ->
                    reader.readLine()
                    reader.readLine()
                    behind.complete(loop.idle.timeNow() - loop.idle.now)
                }
            server.during {
                val connection = openConnection("127.0.0.1", server.port)
                connection.writer.write("x\n")
                connection.writer.drain()
                val quiet = 3.seconds
                delay(quiet)
                connection.writer.write("y\n")
                behind.await().shouldBeLessThan((quiet / 10.milliseconds).toInt())
                connection.close()
            }
        }
    }

    test("a socket that is taken over may have one, unless it hides its channel") {
        startServer("127.0.0.1", 0, handler = ::echo).during { server ->
            SelectorManager(Dispatchers.IO).use { selector ->
                val options = ConnectOptions { idleTimeout = SHORT }
                val socket = aSocket(selector).tcp().connect("127.0.0.1", server.port)
                socket.asConnection(options).use { shouldThrow<IdleTimeoutException> { it.reader.readLine() } }
                val hidden = aSocket(selector).tcp().connect("127.0.0.1", server.port)
                val hiding = object : Socket by hidden {}
                shouldThrow<IllegalArgumentException> { hiding.asConnection(options) }
                hiding.close()
            }
        }
    }

    test("a write that the peer does not take counts as idle, and the peer learns that something is missing") {
        val accepted = CompletableDeferred<Throwable?>()
        val server =
            startServer("127.0.0.1", 0, ServerOptions { idleTimeout = SHORT }) { (_, writer) ->
                writer.write(ByteArray(12 shl 20))
                accepted.complete(runCatching { writer.drain() }.exceptionOrNull())
            }
        server.during {
            plainClient(server.port).use { peer ->
                (accepted.await() is IdleTimeoutException) shouldBe true
                shouldThrow<SocketException> { while (peer.getInputStream().read(ByteArray(65536)) >= 0) Unit }
            }
        }
    }

    test("one that is closed in time is not watched any more, nor is one without a timeout") {
        withLoops { loops ->
            val loop = loops.next()
            startServer("127.0.0.1", 0, handler = ::echo).during { server ->
                val watched = openConnection("127.0.0.1", server.port, options(loops) { idleTimeout = 5.minutes })
                val other = openConnection("127.0.0.1", server.port, options(loops) {})
                eventually("it is in the wheel") { loop.idle.size == 1 }
                watched.close()
                watched.awaitClosed()
                loop.idle.size shouldBe 0
                other.close()
            }
        }
    }

    test("a loop with idle connections sleeps") {
        withLoops { loops ->
            val loop = loops.next()
            startServer("127.0.0.1", 0, handler = ::echo).during { server ->
                val connections =
                    List(20) { openConnection("127.0.0.1", server.port, options(loops) { idleTimeout = 5.minutes }) }
                (turnsWhileIdle(loop) <= FEW_TURNS) shouldBe true
                connections.forEach { it.close() }
            }
        }
    }

    test("a timeout is positive") {
        shouldThrow<IllegalArgumentException> { ConnectOptions { idleTimeout = 0.seconds } }.message shouldBe
            "idleTimeout must be positive, not 0s"
        shouldThrow<IllegalArgumentException> { ServerOptions { idleTimeout = (-1).seconds } }
    }
})

private fun options(
    loops: EventLoops,
    more: ConnectOptions.Builder.() -> Unit,
) = ConnectOptions {
    eventLoops = loops
    more()
}
