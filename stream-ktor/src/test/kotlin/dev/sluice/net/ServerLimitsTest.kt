package dev.sluice.net

import dev.sluice.Connection
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.ints.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Semaphore
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import java.io.IOException
import java.net.InetSocketAddress
import java.net.Socket
import java.net.SocketException
import java.net.SocketTimeoutException
import java.nio.channels.ClosedChannelException
import java.nio.channels.SelectionKey
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import java.util.concurrent.atomic.AtomicInteger

@OptIn(ExperimentalCoroutinesApi::class)
internal class ServerLimitsTest :
    FunSpec({
        test("S-020, J-034 100 clients wait by default").config(
            enabledOrReasonIf = {
                if (isLinux) {
                    Enabled.enabled
                } else {
                    Enabled.disabled(
                        "what a backlog is differs between systems",
                    )
                }
            },
        ) {
            ServerOptions.Default.backlog shouldBe 100
            for ((options, waiting) in listOf(ServerOptions { startServing = false } to 100, waitingRoomFor(3) to 3)) {
                startServer("127.0.0.1", 0, options, ::echo).during { server ->
                    // Linux takes one more than it was told.
                    val clients = List(waiting + 1) { plainClient(server.port) }
                    shouldThrow<SocketTimeoutException> {
                        Socket().use { it.connect(InetSocketAddress("127.0.0.1", server.port), 200) }
                    }
                    clients.forEach(Socket::close)
                }
            }
        }

        test("S-021, J-034 a backlog must be positive") {
            for (backlog in listOf(0, -1)) {
                shouldThrow<IllegalArgumentException> { ServerOptions { this.backlog = backlog } }.message shouldContain "backlog"
            }
        }

        test("S-021, S-052 a backlog of 1 serves many") {
            startServer("127.0.0.1", 0, ServerOptions { backlog = 1 }, ::echo).during { server ->
                val clients = ArrayList<Socket>()
                repeat(30) {
                    clients += plainClient(server.port).apply { send("ping\n") }
                    clients.last().receivedLine() shouldBe "ping"
                }
                server.connections shouldBe 30
                clients.forEach(Socket::close)
            }
        }

        test("S-052 a server that many wait for accepts some of them at a time") {
            EventLoops(1, "accepting").use { loops ->
                val source = Crowd(1000)
                var most = 0
                withContext(loops.next()) {
                    val accepting = launch { Accepting(source, null) { }.run() }
                    launch {
                        while (accepting.isActive) {
                            val before = source.accepted
                            yield()
                            most = maxOf(most, source.accepted - before)
                        }
                    }
                }
                source.accepted shouldBe 1000
                most shouldBeInRange 1..64
            }
        }

        test("S-052 all that wait are served") {
            startServer("127.0.0.1", 0, waitingRoomFor(300), ::echo).during { server ->
                val clients = List(300) { plainClient(server.port) }
                clients.forEach { it.send("ping\n") }
                server.startServing()
                clients.forEach { it.receivedLine() shouldBe "ping" }
                server.connections shouldBe 300
                clients.forEach(Socket::close)
            }
        }

        test("S-053 no more than maxConnections are served at a time; others wait, and come when one ends") {
            val now = AtomicInteger()
            val most = AtomicInteger()
            val handler: suspend (Connection) -> Unit = {
                most.accumulateAndGet(now.incrementAndGet(), ::maxOf)
                try {
                    echo(it)
                } finally {
                    now.decrementAndGet()
                }
            }
            startServer("127.0.0.1", 0, ServerOptions { maxConnections = 3 }, handler).during { server ->
                val clients = List(10) { plainClient(server.port) }
                clients.forEach { it.send("ping\n") }
                eventually("all places are taken") { now.get() == 3 }
                clients.forEach {
                    it.receivedLine() shouldBe "ping"
                    server.connections shouldBeLessThanOrEqual 3
                    it.close()
                }
            }
            most.get() shouldBe 3
        }

        test("S-053 a listener that nobody connects to keeps no place of another").config(
            enabledOrReasonIf = {
                if (isLinux) {
                    Enabled.enabled
                } else {
                    Enabled.disabled(
                        "the addresses of 127.0.0.0/8 are Linux's",
                    )
                }
            },
        ) {
            val hosts = listOf("127.0.0.2", "127.0.0.1", "127.0.0.3")
            startServer(hosts, 0, ServerOptions { maxConnections = 1 }, ::echo).during { server ->
                for (host in hosts + hosts.reversed()) repeat(3) { isEchoed(server.port, host) shouldBe true }
                // And where all places are taken, those who wait come one after another, wherever that is.
                val first = plainClient(server.port, "127.0.0.1").apply { send("ping\n") }
                first.receivedLine() shouldBe "ping"
                val waiting = hosts.mapTo(ArrayList()) { plainClient(server.port, it).apply { send("ping\n") } }
                server.connections shouldBe 1
                first.close()
                while (waiting.isNotEmpty()) {
                    eventually("one of those who wait is served") { waiting.any { it.getInputStream().available() > 0 } }
                    waiting.first { it.getInputStream().available() > 0 }.use(waiting::remove)
                }
            }
        }

        test("S-053 a client that is gone before it is served takes no place") {
            startServer("127.0.0.1", 0, ServerOptions { maxConnections = 1 }, ::echo).during { server ->
                repeat(50) { plainClient(server.port).reset() }
                isEchoed(server.port) shouldBe true
            }
        }

        test("S-053 closing a full server ends its listeners at once") {
            val started = CompletableDeferred<Unit>()
            val handler: suspend (Connection) -> Unit = {
                started.complete(Unit)
                echo(it)
            }
            startServer("127.0.0.1", 0, ServerOptions { maxConnections = 1 }, handler).during { server ->
                plainClient(server.port).use {
                    started.await()
                    plainClient(server.port).use { second ->
                        server.close()
                        shouldThrow<SocketException> { second.getInputStream().read() }.message shouldContain "reset"
                    }
                }
                server.awaitClosed()
            }
        }

        test("S-070 a listener that is closed as somebody begins to wait for clients wants nothing else than before") {
            val listener = Listener(ServerSocketChannel.open().bind(InetSocketAddress("127.0.0.1", 0)), EventLoops.default.next())
            listener.close()
            listener.interestedOps shouldBe SelectionKey.OP_ACCEPT
            shouldThrow<ClosedChannelException> { listener.awaitClient() }
        }

        test("S-053 it must be positive") {
            shouldThrow<IllegalArgumentException> { ServerOptions { maxConnections = 0 } }.message shouldContain "maxConnections"
        }

        test("S-082 a client that went before it was accepted ends nothing, and costs no time") {
            val events = ArrayList<String>()
            val source =
                ScriptedClients(
                    events,
                    { throw IOException("Software caused connection abort") },
                    { throw IOException("Die Verbindung wurde abgebrochen") },
                    { SocketChannel.open() },
                )
            captureLog().use { log ->
                coroutineScope { Accepting(source, Semaphore(1)) { it.close() }.run() }
                events shouldContainExactly listOf("await", "accept", "await", "accept", "await", "accept")
                log.lines shouldBe emptyList()
            }
        }

        test("S-080, S-082 what goes wrong again and again is no client's doing: a pause follows, whatever the system calls it") {
            val failing = { throw IOException("Zu viele offene Dateien") }
            captureLog().use { log ->
                runTest {
                    Accepting(ScriptedClients(ArrayList(), *Array(15) { failing }), null) { }.run()
                    currentTime shouldBe 0
                    log.lines shouldBe emptyList()

                    val others = Array(31) { if (it == 15) SocketChannel::open else failing }
                    Accepting(ScriptedClients(ArrayList(), *others), null) { it.close() }.run()
                    currentTime shouldBe 0

                    Accepting(ScriptedClients(ArrayList(), *Array(33) { failing }), null) { }.run()
                    currentTime shouldBe 2000
                    log.lines.size shouldBe 2
                    log.lines.forEach { it shouldEndWith "accepts nobody for 1s: Zu viele offene Dateien" }
                }
            }
        }
    })

private fun waitingRoomFor(clients: Int) =
    ServerOptions {
        backlog = clients
        startServing = false
    }

/** So many clients, all at once. */
private class Crowd(
    private val size: Int,
) : ClientSource {
    private val channel = SocketChannel.open().apply { close() }
    var accepted = 0

    override suspend fun awaitClient() {
        if (accepted == size) throw ClosedChannelException()
    }

    override fun accept(): SocketChannel? = if (accepted < size) channel.also { accepted++ } else null
}

/** Does one thing after another, and is closed when there are no more. */
private class ScriptedClients(
    private val events: MutableList<String>,
    vararg answers: () -> SocketChannel?,
) : ClientSource {
    private val left = ArrayDeque(answers.toList())

    override suspend fun awaitClient() {
        if (left.isEmpty()) throw ClosedChannelException()
        events += "await"
    }

    override fun accept(): SocketChannel? {
        val next = left.removeFirstOrNull() ?: throw ClosedChannelException()
        events += "accept"
        return next()
    }
}
