package dev.sluice.net

import dev.sluice.Connection
import dev.sluice.StreamClosedException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import java.io.IOException
import java.lang.ref.WeakReference
import java.net.ConnectException
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.net.SocketException
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.atomic.AtomicInteger

internal class StreamServerTest :
    FunSpec({
        test("S-060 a server that does not serve yet is bound, and its clients connect and wait") {
            val handled = AtomicInteger()
            val handler: suspend (Connection) -> Unit = {
                handled.incrementAndGet()
                echo(it)
            }
            startServer("127.0.0.1", 0, ServerOptions { startServing = false }, handler).during { server ->
                server.addresses shouldHaveSize 1
                server.isServing shouldBe false
                plainClient(server.port).use { client ->
                    client.send("ping\n")
                    // Whatever the loops had to do by then is done.
                    repeat(10) { connectedPair().let { (left, right) -> listOf(left, right).forEach(Connection::abort) } }
                    handled.get() shouldBe 0
                    server.connections shouldBe 0
                    server.startServing()
                    client.receivedLine() shouldBe "ping"
                }
            }
        }

        test("S-061 startServing begins to serve, and does nothing when called again") {
            startServer("127.0.0.1", 0, ServerOptions { startServing = false }, ::echo).during { server ->
                repeat(2) {
                    server.startServing()
                    server.isServing shouldBe true
                }
                repeat(3) { isEchoed(server.port) shouldBe true }
            }
        }

        test("S-062, S-065 a closed server can't be started") {
            for (serving in listOf(true, false)) {
                val server = startServer("127.0.0.1", 0, ServerOptions { startServing = serving }, ::echo)
                server.close()
                shouldThrow<IllegalStateException> { server.startServing() }.message shouldContain "closed"
                shouldThrow<IllegalStateException> { server.serveForever() }.message shouldContain "closed"
                server.awaitClosed()
            }
        }

        test("S-063, S-067 serveForever starts to serve, and returns when the server is closed") {
            startServer("127.0.0.1", 0, ServerOptions { startServing = false }, ::echo).during { server ->
                coroutineScope {
                    val serving = async(start = CoroutineStart.UNDISPATCHED) { server.serveForever() }
                    server.isServing shouldBe true
                    isEchoed(server.port) shouldBe true
                    serving.isCompleted shouldBe false
                    server.close()
                    serving.await()
                }
            }
        }

        test("S-064 a second serveForever at a time is refused, and the first goes on") {
            startServer("127.0.0.1", 0, handler = ::echo).during { server ->
                coroutineScope {
                    val first = async(start = CoroutineStart.UNDISPATCHED) { server.serveForever() }
                    shouldThrow<IllegalStateException> { server.serveForever() }.message shouldContain "another coroutine"
                    first.isCompleted shouldBe false
                    isEchoed(server.port) shouldBe true
                    server.close()
                    first.await()
                }
            }
        }

        test("S-066 cancelling serveForever closes the server and returns at once, and clients go on") {
            startServer("127.0.0.1", 0, handler = ::echo).during { server ->
                plainClient(server.port).use { client ->
                    client.send("ping\n")
                    client.receivedLine() shouldBe "ping"
                    val thrown = CompletableDeferred<Throwable>()
                    coroutineScope {
                        val serving =
                            launch(start = CoroutineStart.UNDISPATCHED) {
                                runCatching { server.serveForever() }.onFailure(thrown::complete)
                            }
                        serving.cancelAndJoin()
                    }
                    thrown.await().shouldBeInstanceOf<CancellationException>()
                    server.isServing shouldBe false
                    server.connections shouldBe 1
                    eventually("nobody listens any more") { isRefused(server.port) }
                    client.send("pong\n")
                    client.receivedLine() shouldBe "pong"
                }
            }
        }

        test("S-068 close can be repeated; the addresses stay") {
            val server = startServer("127.0.0.1", 0, handler = ::echo)
            val before = server.addresses
            repeat(3) {
                server.close()
                server.isServing shouldBe false
                server.addresses shouldBe before
            }
            server.awaitClosed()
            isRefused(server.port) shouldBe true
            server.addresses shouldBe before
            server.toString() shouldContain "${server.port}"
        }

        test("S-069 close leaves the clients alone") {
            startServer("127.0.0.1", 0, handler = ::echo).during { server ->
                plainClient(server.port).use { client ->
                    client.send("ping\n")
                    client.receivedLine() shouldBe "ping"
                    server.close()
                    repeat(3) {
                        client.send("still\n")
                        client.receivedLine() shouldBe "still"
                    }
                    server.connections shouldBe 1
                }
            }
        }

        test("S-070 a client that nobody had accepted sees a reset when the server is closed, and no handler sees it") {
            val handled = AtomicInteger()
            val handler: suspend (Connection) -> Unit = {
                handled.incrementAndGet()
                echo(it)
            }
            startServer("127.0.0.1", 0, ServerOptions { maxConnections = 1 }, handler).during { server ->
                plainClient(server.port).use { first ->
                    first.send("ping\n")
                    first.receivedLine() shouldBe "ping"
                    plainClient(server.port).use { second ->
                        server.close()
                        shouldThrow<SocketException> { second.getInputStream().read() }.message shouldContain "reset"
                    }
                }
                server.awaitClosed()
                handled.get() shouldBe 1
            }
        }

        test("S-071 awaitClosed waits for each connection") {
            startServer("127.0.0.1", 0, handler = ::echo).during { server ->
                val clients = List(2) { plainClient(server.port) }
                clients.forEach {
                    it.send("ping\n")
                    it.receivedLine() shouldBe "ping"
                }
                server.close()
                coroutineScope {
                    val waiting = async(start = CoroutineStart.UNDISPATCHED) { server.awaitClosed() }
                    clients[0].close()
                    eventually("one is left") { server.connections == 1 }
                    waiting.isCompleted shouldBe false
                    clients[1].close()
                    waiting.await()
                    server.connections shouldBe 0
                }
            }
        }

        test("S-072 awaitClosed before the close waits for it, and any number may wait") {
            val server = startServer("127.0.0.1", 0, handler = ::echo)
            coroutineScope {
                val waiting = List(10) { async(start = CoroutineStart.UNDISPATCHED) { server.awaitClosed() } }
                isEchoed(server.port) shouldBe true
                eventually("no client is left") { server.connections == 0 }
                waiting.none { it.isCompleted } shouldBe true
                server.close()
                waiting.forEach { it.await() }
            }
            server.awaitClosed()
        }

        test("S-073 awaitClosed waits for handlers that go on after their connection") {
            val goOn = CompletableDeferred<Unit>()
            val ended = Job()
            val handler: suspend (Connection) -> Unit = {
                it.close()
                it.awaitClosed()
                goOn.await()
                ended.complete()
            }
            startServer("127.0.0.1", 0, handler = handler).during { server ->
                try {
                    plainClient(server.port).use { it.received() shouldBe "" }
                    server.close()
                    coroutineScope {
                        val waiting = async(start = CoroutineStart.UNDISPATCHED) { server.awaitClosed() }
                        eventually("nobody listens any more") { isRefused(server.port) }
                        waiting.isCompleted shouldBe false
                        goOn.complete(Unit)
                        waiting.await()
                        ended.isCompleted shouldBe true
                    }
                } finally {
                    // Else a failure would be waited for, and not be seen.
                    goOn.complete(Unit)
                }
            }
        }

        test("S-074 use closes the server at its end, starts nothing and waits for nobody") {
            startServer("127.0.0.1", 0, ServerOptions { startServing = false }, ::echo).use { it.isServing shouldBe false }
            startServer("127.0.0.1", 0, handler = ::echo).during { server ->
                plainClient(server.port).use { client ->
                    server.use {
                        client.send("ping\n")
                        client.receivedLine() shouldBe "ping"
                    }
                    server.isServing shouldBe false
                    client.send("still\n")
                    client.receivedLine() shouldBe "still"
                }
            }
        }

        test("S-075 closeClients flushes what was written to each, and the server goes on") {
            val written = CompletableDeferred<Unit>()
            val handler: suspend (Connection) -> Unit = { (reader, writer) ->
                when (reader.readLine()) {
                    "much" -> {
                        writer.write(ByteArray(MUCH) { it.toByte() })
                        written.complete(Unit)
                        reader.read()
                    }

                    else -> {
                        writer.write("ping\n")
                    }
                }
            }
            startServer("127.0.0.1", 0, ServerOptions { onError = { _, _ -> } }, handler).during { server ->
                plainClient(server.port).use { client ->
                    client.send("much\n")
                    written.await()
                    server.closeClients()
                    client.getInputStream().readBytes() shouldBe ByteArray(MUCH) { it.toByte() }
                }
                server.isServing shouldBe true
                isEchoed(server.port) shouldBe true
            }
        }

        test("S-076 abortClients resets each client; its handler's read says who ended it, and the server goes on") {
            val failure = CompletableDeferred<Throwable>()
            val written = CompletableDeferred<Unit>()
            val options = ServerOptions { onError = { _, it -> failure.complete(it) } }
            val handler: suspend (Connection) -> Unit = { (reader, writer) ->
                if (reader.readLine() == "much") {
                    writer.write(ByteArray(MUCH))
                    written.complete(Unit)
                    reader.read()
                }
                writer.write("ping\n")
            }
            startServer("127.0.0.1", 0, options, handler).during { server ->
                plainClient(server.port).use { client ->
                    client.send("much\n")
                    written.await()
                    server.abortClients()
                    shouldThrow<SocketException> { client.getInputStream().readBytes() }.message shouldContain "reset"
                }
                failure.await().shouldBeInstanceOf<StreamClosedException>()
                server.isServing shouldBe true
                isEchoed(server.port) shouldBe true
            }
        }

        test("S-078 each connection is counted once, however it ends") {
            val seen = ConcurrentLinkedQueue<Int>()
            val handler: suspend (Connection) -> Unit = { connection ->
                when (val word = connection.reader.readLine()) {
                    "throw" -> throw IOException("as told")
                    "close" -> connection.close()
                    "abort" -> connection.abort()
                    "return" -> connection.writer.write("returning\n")
                    else -> while (connection.reader.read(100).isNotEmpty()) check(word != null)
                }
            }
            startServer("127.0.0.1", 0, ServerOptions { onError = { _, _ -> } }, handler).during { server ->
                val clients = ArrayList<Socket>()
                val words = listOf("throw", "close", "abort", "return", "read", "leave", "reset", "both")
                repeat(10) {
                    for (word in words) {
                        val client = plainClient(server.port).also(clients::add)
                        client.send("$word\n")
                        when (word) {
                            "leave" -> client.close()
                            "reset" -> client.reset()
                        }
                        seen += server.connections
                    }
                    server.closeClients()
                    server.abortClients()
                }
                clients.forEach(Socket::close)
                eventually("all are gone") { server.connections == 0 }
                seen.none { it < 0 } shouldBe true
                plainClient(server.port).use {
                    eventually("it is counted") { server.connections == 1 }
                }
                eventually("it is gone") { server.connections == 0 }
            }
        }

        test("S-084 a server that nobody refers to goes on") {
            EventLoops(1).use { loops ->
                val port = CompletableDeferred<Int>()
                val forgotten =
                    startServer("127.0.0.1", 0, ServerOptions { eventLoops = loops }, ::echo).let {
                        port.complete(it.port)
                        WeakReference(it)
                    }
                collectGarbage()
                isEchoed(port.await()) shouldBe true
                forgotten.get() shouldNotBe null
            }
        }

        test("J-019 once it is closed, nobody can connect, and the port can be bound again") {
            repeat(20) {
                val server = startServer("127.0.0.1", 0, handler = ::echo)
                server.close()
                server.awaitClosed()
                isRefused(server.port) shouldBe true
                // Also by one that does not share it with anybody.
                ServerSocket().use {
                    it.reuseAddress = false
                    it.bind(java.net.InetSocketAddress(InetAddress.getByName("127.0.0.1"), server.port))
                }
            }
        }

        test("J-019 the same holds where it is closed on the event loop itself") {
            EventLoops(1, blockedTaskThreshold = null).use { loops ->
                withContext(loops.next()) {
                    val server = startServer("127.0.0.1", 0, ServerOptions { eventLoops = loops }, ::echo)
                    // The loop watches the channel by then.
                    repeat(2) { yield() }
                    server.close()
                    server.awaitClosed()
                    isRefused(server.port) shouldBe true
                }
            }
        }

        test("close, closeClients and awaitClosed come to an end when the handlers do, and leave nothing") {
            leavingNothing {
                val ended = AtomicInteger()
                val handler: suspend (Connection) -> Unit = {
                    try {
                        echo(it)
                    } finally {
                        withContext(NonCancellable + Dispatchers.IO) { ended.incrementAndGet() }
                    }
                }
                val server = startServer("127.0.0.1", 0, ServerOptions { onError = { _, _ -> } }, handler)
                val clients = List(50) { plainClient(server.port) }
                clients.forEach {
                    it.send("ping\n")
                    it.receivedLine() shouldBe "ping"
                }
                server.close()
                server.closeClients()
                clients.forEach { it.received() shouldBe "" }
                clients.forEach(Socket::close)
                server.awaitClosed()
                ended.get() shouldBe 50
            }
        }

        test("a client that comes while the server and its clients are being closed is not forgotten") {
            repeat(200) {
                val server = startServer("127.0.0.1", 0, ServerOptions { onError = { _, _ -> } }, ::echo)
                coroutineScope {
                    // They end their output at once: a server does not linger for what can't come.
                    val clients =
                        List(4) { async(Dispatchers.IO) { runCatching { plainClient(server.port).apply { shutdownOutput() } } } }
                    server.close()
                    server.closeClients()
                    server.awaitClosed()
                    server.connections shouldBe 0
                    clients.forEach { it.await().onSuccess(Socket::close) }
                }
            }
        }

        test("abortClients ends a server though a client never reads") {
            leavingNothing {
                val stuck = CompletableDeferred<Unit>()
                val handler: suspend (Connection) -> Unit = { (_, writer) ->
                    writer.write(ByteArray(MUCH))
                    stuck.complete(Unit)
                    writer.drain()
                }
                val server = startServer("127.0.0.1", 0, ServerOptions { onError = { _, _ -> } }, handler)
                plainClient(server.port).use {
                    stuck.await()
                    server.close()
                    server.closeClients()
                    server.connections shouldBe 1
                    server.abortClients()
                    server.awaitClosed()
                    server.connections shouldBe 0
                }
            }
        }

        test("when its loops end one by one, the server closes, and says nothing") {
            EventLoops(2, blockedTaskThreshold = null).use { loops ->
                captureLog().use { log ->
                    val server = startServer("127.0.0.1", 0, ServerOptions { eventLoops = loops }, ::echo)
                    isEchoed(server.port) shouldBe true
                    listOf(loops.next(), loops.next()).forEach(EventLoop::close)
                    server.awaitClosed()
                    server.isServing shouldBe false
                    log.lines.shouldBeEmpty()
                }
            }
        }
    })

/** More than the buffers of both sides hold, and less than a writer's limit. */
private const val MUCH = 12 * 1024 * 1024

private fun isRefused(port: Int): Boolean =
    try {
        plainClient(port).close()
        false
    } catch (_: ConnectException) {
        true
    } catch (_: SocketException) {
        // It was still there when the connecting began, and gone before that ended.
        false
    }
