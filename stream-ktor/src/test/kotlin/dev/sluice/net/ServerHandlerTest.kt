package dev.sluice.net

import dev.sluice.Connection
import dev.sluice.ConnectionResetException
import dev.sluice.InfoKey
import dev.sluice.StreamClosedException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Job
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withTimeout
import java.io.IOException
import java.lang.ref.Reference
import java.lang.ref.WeakReference
import java.net.SocketAddress
import java.net.SocketException
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.Executors
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration.Companion.milliseconds

internal class ServerHandlerTest :
    FunSpec({
        // Their slowness is not to be among what is logged.
        val unwatched = EventLoops(2, "unwatched", blockedTaskThreshold = null)
        val quietly = ServerOptions { eventLoops = unwatched }

        afterSpec { unwatched.close() }

        test("S-040 each client has a coroutine of its own, on an event loop") {
            val threads = ConcurrentLinkedQueue<String>()
            EventLoops(2, "handling").use { loops ->
                val handler: suspend (Connection) -> Unit = { (reader, writer) ->
                    threads += Thread.currentThread().name
                    val word = reader.readLine()
                    threads += Thread.currentThread().name
                    writer.write("$word\n")
                }
                startServer("127.0.0.1", 0, ServerOptions { eventLoops = loops }, handler).during { server ->
                    val (early, late) = List(2) { plainClient(server.port) }
                    // The first handler waits while the second one comes to its end.
                    late.send("late\n")
                    late.received() shouldBe "late\n"
                    early.send("early\n")
                    early.received() shouldBe "early\n"
                }
            }
            threads shouldHaveSize 4
            threads.forEach { it shouldStartWith "handling-" }
        }

        test("S-040 a context is where handlers run, and no job of it is theirs") {
            val executor = Executors.newSingleThreadExecutor { Thread(it, "elsewhere") }
            val job = Job()
            val seen = CompletableDeferred<String>()
            val options = ServerOptions { context = executor.asCoroutineDispatcher() + job }
            val handler: suspend (Connection) -> Unit = { (reader, writer) ->
                seen.complete(Thread.currentThread().name)
                writer.write("${reader.readLine()} on ${Thread.currentThread().name}\n")
            }
            startServer("127.0.0.1", 0, options, handler).during { server ->
                plainClient(server.port).use { client ->
                    seen.await() shouldStartWith "elsewhere"
                    job.cancel()
                    client.send("still\n")
                    client.received() shouldStartWith "still on elsewhere"
                }
            }
            executor.shutdown()
        }

        test("S-042 what a handler throws is reported with its connection; what it wrote arrives, and the others go on") {
            val wrong = IllegalStateException("wrong")
            val reports = ConcurrentLinkedQueue<Pair<Connection?, Throwable>>()
            val failing = CompletableDeferred<Connection>()
            val options = ServerOptions { onError = { connection, failure -> reports += connection to failure } }
            val handler: suspend (Connection) -> Unit = { connection ->
                if (connection.reader.readLine() == "fail") {
                    failing.complete(connection)
                    connection.writer.write("x".repeat(LARGE))
                    throw wrong
                }
                echo(connection)
            }
            startServer("127.0.0.1", 0, options, handler).during { server ->
                val other = plainClient(server.port).apply { send("hello\n") }
                plainClient(server.port).use { client ->
                    client.send("fail\n")
                    client.received().length shouldBe LARGE
                }
                other.send("ping\n")
                other.receivedLine() shouldBe "ping"
                other.close()
                plainClient(server.port).use {
                    it.send("hello\nping\n")
                    it.receivedLine() shouldBe "ping"
                }
            }
            val (connection, _) = reports.single { it.second === wrong }
            connection shouldBeSameInstanceAs failing.await()
        }

        test("S-042 a failure that nobody asked for is logged as an error, with its trace") {
            captureLog().use { log ->
                startServer("127.0.0.1", 0, quietly) { throw IllegalStateException("wrong") }.during { server ->
                    plainClient(server.port).use { it.received() shouldBe "" }
                }
                log.lines.first() shouldContain "ERROR ${StreamServer::class.java.name} - The handler of a connection failed"
                log.lines[1] shouldBe "java.lang.IllegalStateException: wrong"
                log.lines.count { "ERROR" in it } shouldBe 1
            }
        }

        test("S-042 an onError that fails itself ends nothing") {
            captureLog().use { log ->
                val options =
                    ServerOptions {
                        eventLoops = unwatched
                        onError = { _, _ -> throw IllegalArgumentException("worse") }
                    }
                startServer("127.0.0.1", 0, options) { throw IllegalStateException("wrong") }.during { server ->
                    repeat(2) { plainClient(server.port).use { it.received() shouldBe "" } }
                }
                log.lines.count { "ERROR" in it && "onError" in it } shouldBe 2
                log.lines.count { it == "java.lang.IllegalArgumentException: worse" } shouldBe 2
                log.lines.count { "Suppressed: java.lang.IllegalStateException: wrong" in it } shouldBe 2
            }
        }

        test("S-043 a handler that can't be started leaves no connection open") {
            val executor = Executors.newSingleThreadExecutor().apply { shutdown() }
            val options = ServerOptions { context = executor.asCoroutineDispatcher() }
            startServer("127.0.0.1", 0, options) { awaitCancellation() }.during { server ->
                plainClient(server.port).use { it.received() shouldBe "" }
                eventually("the connection is gone") { server.connections == 0 }
            }
        }

        test("S-043 a handler that throws before it suspends is one that fails") {
            val failures = ConcurrentLinkedQueue<Throwable>()
            val options = ServerOptions { onError = { _, failure -> failures += failure } }
            startServer("127.0.0.1", 0, options) { throw NoClassDefFoundError("not there") }.during { server ->
                plainClient(server.port).use { it.received() shouldBe "" }
            }
            failures.single().shouldBeInstanceOf<NoClassDefFoundError>()
        }

        test("S-044 the loss of its connection is reported as what it is") {
            val failure = CompletableDeferred<Throwable>()
            val options = ServerOptions { onError = { _, it -> failure.complete(it) } }
            startServer("127.0.0.1", 0, options) { (reader, _) -> reader.read() }.during { server ->
                plainClient(server.port).reset()
                failure.await().shouldBeInstanceOf<ConnectionResetException>()
            }
        }

        test("S-044 unless told otherwise, a lost connection is a debug message without a trace") {
            captureLog(StreamServer::class.java).use { log ->
                startServer("127.0.0.1", 0, quietly) { (reader, _) -> reader.read() }.during { server ->
                    plainClient(server.port).reset()
                    eventually("it is logged") { log.lines.any { "ended with its connection" in it } }
                }
                val line = log.lines.single { "ended with its connection" in it }
                line shouldContain "DEBUG ${StreamServer::class.java.name}"
                line shouldContain ConnectionResetException::class.java.name
                log.lines.filter { it.trim().startsWith("at ") || "ERROR" in it }.shouldBeEmpty()
            }
        }

        test("S-044 a handler whose connection this side closes is no error either") {
            captureLog(StreamServer::class.java).use { log ->
                val started = CompletableDeferred<Unit>()
                val handler: suspend (Connection) -> Unit = { (reader, _) ->
                    started.complete(Unit)
                    reader.read()
                }
                startServer("127.0.0.1", 0, quietly, handler).during { server ->
                    plainClient(server.port).use {
                        started.await()
                        server.closeClients()
                        it.received() shouldBe ""
                    }
                }
                log.lines.single { "ended with its connection" in it } shouldContain StreamClosedException::class.java.name
                log.lines.filter { "ERROR" in it }.shouldBeEmpty()
            }
        }

        test("S-044 the loss of another connection that a handler uses is an error") {
            captureLog().use { log ->
                startServer("127.0.0.1", 0, quietly) { throw ConnectionResetException("of somebody else") }.during { server ->
                    plainClient(server.port).use { it.received() shouldBe "" }
                }
                log.lines.first() shouldContain "ERROR"
                log.lines[1] shouldContain "of somebody else"
            }
        }

        test("S-045 a handler's own cancellation closes its connection and is not reported") {
            captureLog().use { log ->
                val reports = AtomicInteger()
                val options =
                    ServerOptions {
                        eventLoops = unwatched
                        onError = { _, _ -> reports.incrementAndGet() }
                    }
                val handler: suspend (Connection) -> Unit = { (_, writer) ->
                    writer.write("before\n")
                    throw CancellationException("enough")
                }
                startServer("127.0.0.1", 0, options, handler).during { server ->
                    plainClient(server.port).use { it.received() shouldBe "before\n" }
                }
                reports.get() shouldBe 0
                log.lines.shouldBeEmpty()
            }
        }

        test("S-045 a time-out that a handler lets out is no cancellation of its own, and is reported") {
            val failure = CompletableDeferred<Throwable>()
            val options = ServerOptions { onError = { _, it -> failure.complete(it) } }
            val handler: suspend (Connection) -> Unit = { (reader, _) -> withTimeout(1.milliseconds) { reader.read() } }
            startServer("127.0.0.1", 0, options, handler).during { server ->
                plainClient(server.port).use { it.received() shouldBe "" }
                failure.await().shouldBeInstanceOf<TimeoutCancellationException>()
            }
        }

        test("S-046 when a handler returns, what it wrote is flushed, and the connection closed") {
            startServer("127.0.0.1", 0) { (_, writer) -> writer.write("x".repeat(LARGE)) }.during { server ->
                plainClient(server.port).use { it.received() shouldBe "x".repeat(LARGE) }
                eventually("the connection is gone") { server.connections == 0 }
            }
        }

        test("S-046 to hand a connection on is not to return") {
            val handed = CompletableDeferred<Connection>()
            val handler: suspend (Connection) -> Unit = {
                handed.complete(it)
                it.awaitClosed()
            }
            startServer("127.0.0.1", 0, handler = handler).during { server ->
                plainClient(server.port).use { client ->
                    val connection = handed.await()
                    client.send("ping\n")
                    connection.reader.readLine() shouldBe "ping"
                    connection.writer.write("pong\n")
                    connection.close()
                    client.received() shouldBe "pong\n"
                }
                eventually("the connection is gone") { server.connections == 0 }
            }
        }

        test("S-048 unread input does not cost the client what was written to it") {
            val arrived = CompletableDeferred<Unit>()
            val handler: suspend (Connection) -> Unit = { (_, writer) ->
                arrived.await()
                writer.write("x".repeat(LARGE))
            }
            startServer("127.0.0.1", 0, handler = handler).during { server ->
                plainClient(server.port).use { client ->
                    client.send("y".repeat(50_000))
                    arrived.complete(Unit)
                    client.received().length shouldBe LARGE
                }
            }
        }

        test("S-049 a handler lives though nobody else holds what it waits for") {
            EventLoops(1).use { loops ->
                val held = CompletableDeferred<WeakReference<Any>>()
                val handler: suspend (Connection) -> Unit = {
                    val own = Any()
                    held.complete(WeakReference(own))
                    try {
                        suspendCancellableCoroutine<Unit> { }
                    } finally {
                        Reference.reachabilityFence(own)
                    }
                }
                val server = startServer("127.0.0.1", 0, ServerOptions { eventLoops = loops }, handler)
                plainClient(server.port).reset()
                val own = held.await()
                collectGarbage()
                own.get() shouldNotBe null
                server.connections shouldBe 1
            }
        }

        test("S-043 a handler that its executor refuses is reported, and its connection closed") {
            val executor = Executors.newSingleThreadExecutor().apply { shutdown() }
            val reported = CompletableDeferred<Throwable>()
            val options =
                ServerOptions
                    .builder()
                    .executor(executor)
                    .onError { _, failure -> reported.complete(failure) }
                    .build()
            val server = startServer("127.0.0.1", 0, options) { error("it was refused") }
            plainClient(server.port).use {
                generateSequence(reported.await()) { e -> e.cause }.any { e -> e is RejectedExecutionException } shouldBe true
                it.received() shouldBe ""
            }
            server.close()
            server.awaitClosed()
        }

        test("S-050 closing the event loops cancels handlers, closes connections and leaves neither thread nor descriptor") {
            leavingNothing {
                val ended = CompletableDeferred<Throwable>()
                val loops = EventLoops(2, "to-be-closed")
                val handler: suspend (Connection) -> Unit = {
                    try {
                        it.writer.write("hello\n")
                        awaitCancellation()
                    } catch (e: CancellationException) {
                        ended.complete(e)
                        throw e
                    }
                }
                val failures = AtomicInteger()
                val options =
                    ServerOptions {
                        eventLoops = loops
                        onError = { _, _ -> failures.incrementAndGet() }
                    }
                val server = startServer("127.0.0.1", 0, options, handler)
                plainClient(server.port).use { client ->
                    client.receivedLine() shouldBe "hello"
                    loops.close()
                    ended.await().shouldBeInstanceOf<CancellationException>()
                    client.isAtItsEnd() shouldBe true
                }
                server.awaitClosed()
                server.isServing shouldBe false
                server.connections shouldBe 0
                failures.get() shouldBe 0
                loopThreads("to-be-closed").shouldBeEmpty()
                shouldThrow<IOException> { plainClient(server.port) }
            }
        }

        test("S-051 the limits are those of each connection") {
            val limits = CompletableDeferred<List<Int>>()
            val options =
                ServerOptions {
                    limit = 1234
                    writeLimit = 5678
                }
            startServer("127.0.0.1", 0, options) { (reader, writer) ->
                limits.complete(listOf(reader.limit, writer.writeLimit))
            }.during { server ->
                plainClient(server.port).use { it.received() }
                limits.await() shouldContainExactly listOf(1234, 5678)
            }
        }

        test("a thousand clients that reset before the first read leave a server that accepts, and addresses that can be read") {
            val peers = ConcurrentLinkedQueue<SocketAddress?>()
            val handler: suspend (Connection) -> Unit = { connection ->
                try {
                    echo(connection)
                } finally {
                    connection.abort()
                    peers += connection.info[InfoKey.PeerAddress]
                }
            }
            val options = ServerOptions { onError = { _, _ -> } }
            startServer("127.0.0.1", 0, options, handler).during { server ->
                repeat(1000) { plainClient(server.port).reset() }
                isEchoed(server.port) shouldBe true
                eventually("all handlers end") { server.connections == 0 }
                peers.count { it == null } shouldBe 0
            }
        }
    })

/** More than the system's buffers hold. */
private const val LARGE = 2 * 1024 * 1024

private fun java.net.Socket.isAtItsEnd(): Boolean =
    try {
        getInputStream().read() < 0
    } catch (e: SocketException) {
        "reset" in e.message.orEmpty()
    }

/** Until something that nobody holds is gone. */
internal suspend fun collectGarbage() {
    val unheld = WeakReference(Any())
    eventually("what nobody holds is collected") {
        System.gc()
        unheld.get() == null
    }
    System.gc()
}
