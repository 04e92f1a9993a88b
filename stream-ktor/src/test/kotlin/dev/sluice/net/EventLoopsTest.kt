package dev.sluice.net

import dev.sluice.StreamClosedException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import io.ktor.network.sockets.aSocket
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield
import java.util.concurrent.CyclicBarrier
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import java.time.Duration as JavaDuration

internal class EventLoopsTest :
    FunSpec({
        test("the loops of a group come in turn") {
            withLoops(threads = 3, name = "turns") { loops ->
                val names = List(7) { loops.next().thread.name }
                names shouldContainExactly listOf(1, 2, 3, 1, 2, 3, 1).map { "turns-$it" }
            }
        }

        test("the threads of a group are daemons that bear its name, the watch among them") {
            withLoops(threads = 2, name = "named") {
                loopThreads("named") shouldContainExactly listOf("named-1", "named-2", "named-watch")
                Thread
                    .getAllStackTraces()
                    .keys
                    .filter { it.name.startsWith("named") }
                    .all { it.isDaemon } shouldBe true
            }
            loopThreads("named") shouldBe emptyList()
        }

        test("a group without a name has one of its own") {
            EventLoops(1).use { first ->
                EventLoops(1).use { second ->
                    val names = listOf(first, second).map { it.next().thread.name }
                    names.toSet().size shouldBe 2
                    names.all { Regex("sluice-loops-\\d+-1").matches(it) } shouldBe true
                }
            }
        }

        test("groups without threads, and thresholds that are none, are refused, and leave no thread") {
            shouldThrow<IllegalArgumentException> { EventLoops(0, "bad") }.message shouldContain "not 0"
            shouldThrow<IllegalArgumentException> { EventLoops(-1, "bad") }.message shouldContain "not -1"
            for (threshold in listOf(Duration.ZERO, (-1).milliseconds)) {
                shouldThrow<IllegalArgumentException> { EventLoops(1, "bad", threshold) }.message shouldContain
                    "blockedTaskThreshold must be positive"
            }
            loopThreads("bad") shouldBe emptyList()
        }

        test("a group is made for Java by the same parameters") {
            EventLoops.create(2, "for-java").use { loopThreads("for-java").size shouldBe 3 }
            EventLoops.create(1, "for-java", JavaDuration.ofSeconds(1)).use { loopThreads("for-java").size shouldBe 2 }
            EventLoops.create(1, "for-java", null).use { loopThreads("for-java") shouldContainExactly listOf("for-java-1") }
        }

        test("the shared group is made once, and can't be closed, nor can its loops") {
            val shared = coroutineScope { List(8) { async(Dispatchers.Default) { EventLoops.default } }.map { it.await() } }
            shared.forEach { it shouldBeSameInstanceAs EventLoops.default }
            val refusal = shouldThrow<UnsupportedOperationException> { EventLoops.default.close() }
            refusal.message shouldContain "belong to everybody"
            shouldThrow<UnsupportedOperationException> { EventLoops.default.next().close() }
            withContext(EventLoops.default.next()) { Thread.currentThread().name } shouldContain "sluice-loop-"
            loopThreads("sluice-loop-").size shouldBe Runtime.getRuntime().availableProcessors() + 1
        }

        for (kind in SocketKind.values()) {
            test(
                "waits on a $kind connection fail with StreamClosedException when its loops are closed, and nobody is cancelled",
            ) {
                leavingNothing {
                    val loops = EventLoops(2, "ending")
                    val loop = loops.next()
                    val (left, right) = kind.connections(loop)
                    val (clogged, full) = kind.connections(loops.next())
                    coroutineScope {
                        val elsewhere = async(Dispatchers.Default) { failureOf { left.reader.readLine() } to isActive }
                        val onTheLoop =
                            async(loop) {
                                val failure = failureOf { right.reader.read(1) }
                                // Its coroutine goes on, though the loop is at its end.
                                withContext(Dispatchers.Default) { yield() }
                                failure to isActive
                            }
                        val draining =
                            async(Dispatchers.Default) {
                                failureOf {
                                    clogged.writer.write(ByteArray(8 shl 20))
                                    clogged.writer.drain()
                                }
                            }
                        eventually("the writer waits") { clogged.writer.pending in 1 until (8 shl 20).toLong() }
                        loops.close()
                        for (wait in listOf(elsewhere, onTheLoop)) {
                            val (failure, active) = withTimeout(30.seconds) { wait.await() }
                            failure.shouldBeInstanceOf<StreamClosedException>().message shouldContain "the event loop of"
                            active shouldBe true
                        }
                        withTimeout(30.seconds) { draining.await() }.shouldBeInstanceOf<StreamClosedException>()
                    }
                    loopThreads("ending") shouldBe emptyList()
                    for (connection in listOf(left, right, clogged, full)) {
                        connection.close()
                        withTimeout(30.seconds) { failureOf { connection.awaitClosed() } }
                        shouldThrow<StreamClosedException> { connection.reader.read(1) }
                    }
                }
            }
        }

        test("who awaits the end of an idle connection learns of its loop's") {
            leavingNothing {
                val loops = EventLoops(1, "ending")
                val (left, right) = SocketKind.TCP.connections(loops.next())
                supervisorScope {
                    val waits = listOf(left, right).map { async(start = CoroutineStart.UNDISPATCHED) { it.awaitClosed() } }
                    loops.close()
                    for (wait in waits) {
                        shouldThrow<StreamClosedException> { wait.await() }.message shouldContain "the event loop of"
                    }
                }
                shouldThrow<StreamClosedException> { left.writer.write("late") }
            }
        }

        test("a loop that was closed on its own is left out of the turn") {
            EventLoops(2, "halved").use { loops ->
                loops.next().close()
                val left = loops.next()
                left.isClosed shouldBe false
                List(4) { loops.next() }.toSet() shouldBe setOf(left)
            }
        }

        test("a connection that is made while its loop ends is told, too") {
            leavingNothing {
                val loops = EventLoops(1, "ending")
                val loop = loops.next()
                val (left, right) = SocketKind.TCP.connections(loop)
                val (spare, other) = tcpPair(loop)
                coroutineScope {
                    val late =
                        async(loop, CoroutineStart.UNDISPATCHED) {
                            failureOf { left.reader.read(1) }
                            // In place, when the loop has begun to tell everybody.
                            val late = ConnectOptions.Default.limits.connect(spare, loop)
                            failureOf { late.reader.read(1) }.also { late.close() }
                        }
                    loops.close()
                    withTimeout(30.seconds) { late.await() }.shouldBeInstanceOf<StreamClosedException>()
                }
                left.close()
                right.abort()
                other.close()
            }
        }

        test("a connection that is being closed when its loops are leaves no descriptor") {
            leavingNothing {
                withLoops(name = "ending") { loops ->
                    val (left, right) = tcpPair(loops.next())
                    val closing = ConnectOptions.Default.limits.connect(left, loops.next())
                    // Its peer does not end, so it waits for that.
                    closing.close()
                    loops.close()
                    withTimeout(30.seconds) { failureOf { closing.awaitClosed() } }
                    left.isOpen shouldBe false
                    right.close()
                }
            }
        }

        test("waits of Ktor's own sockets fail with StreamClosedException, too") {
            leavingNothing {
                val loops = EventLoops(1, "ending")
                val server = aSocket(loops.next()).tcp().bind("127.0.0.1", 0)
                coroutineScope {
                    val accepting = async(Dispatchers.Default, CoroutineStart.UNDISPATCHED) { failureOf { server.accept() } }
                    loops.close()
                    withTimeout(
                        30.seconds,
                    ) { accepting.await() }.shouldBeInstanceOf<StreamClosedException>().message shouldContain
                        "EventLoop(ending-1) was closed"
                }
                server.close()
            }
        }

        test("a closed group cancels the coroutines that belong to its loops, and ends its servers and their handlers") {
            leavingNothing {
                val loops = EventLoops(2, "ending")
                val child = loops.next().launch { awaitCancellation() }
                val inHandler = CompletableDeferred<Unit>()
                val server =
                    startServer("127.0.0.1", 0, ServerOptions { eventLoops = loops }) {
                        inHandler.complete(Unit)
                        awaitCancellation()
                    }
                val client = openConnection("127.0.0.1", (server.addresses[0] as java.net.InetSocketAddress).port)
                withTimeout(30.seconds) { inHandler.await() }
                loops.close()
                child.join()
                child.isCancelled shouldBe true
                withTimeout(30.seconds) { server.awaitClosed() }
                server.isServing shouldBe false
                client.abort()
                loopThreads("ending") shouldBe emptyList()
            }
        }

        test("a group can be closed again, and by several at once") {
            leavingNothing {
                val loops = EventLoops(2, "ending")
                coroutineScope { repeat(4) { launch(Dispatchers.IO) { loops.close() } } }
                loopThreads("ending") shouldBe emptyList()
                loops.close()
            }
        }

        test("a group can be closed on its own threads, on two of them at once") {
            leavingNothing {
                repeat(20) {
                    val loops = EventLoops(2, "ending")
                    val both = CyclicBarrier(2)
                    coroutineScope {
                        repeat(2) {
                            val loop = loops.next()
                            launch(loop) {
                                both.await()
                                loops.close()
                            }
                        }
                    }
                    eventually("the threads have ended") { loopThreads("ending").isEmpty() }
                }
            }
        }

        test("groups can be closed on each other's threads") {
            val (first, second) = List(2) { EventLoops(1, "ending") }
            val both = CyclicBarrier(2)
            coroutineScope {
                for ((own, other) in listOf(first to second, second to first)) {
                    launch(own.next()) {
                        both.await()
                        other.close()
                    }
                }
            }
            eventually("the threads have ended") { loopThreads("ending").isEmpty() }
        }

        test("one loop of a group can be closed alone") {
            leavingNothing {
                withLoops(threads = 2, name = "alone") { loops ->
                    val closed = loops.next()
                    closed.close()
                    closed.thread.isAlive shouldBe false
                    val other = loops.next()
                    withContext(other) { Thread.currentThread() } shouldBe other.thread
                }
            }
        }

        test("an interrupted caller of close does not wait, stays interrupted, and the loops end all the same") {
            val loops = EventLoops(1, "ending")
            val interrupted =
                withContext(Dispatchers.IO) {
                    Thread.currentThread().interrupt()
                    loops.close()
                    Thread.interrupted()
                }
            interrupted shouldBe true
            eventually("the threads have ended") { loopThreads("ending").isEmpty() }
        }

        test("nothing is opened on a closed group, which is said") {
            leavingNothing {
                val loops = withLoops(name = "over") { it }
                val path =
                    java.nio.file.Files
                        .createTempDirectory("sluice")
                        .resolve("s")
                val uses =
                    listOf<suspend () -> Any>(
                        { openConnection("127.0.0.1", 1, ConnectOptions { eventLoops = loops }) },
                        { openUnixConnection(path, ConnectOptions { eventLoops = loops }) },
                        { startServer("127.0.0.1", 0, ServerOptions { eventLoops = loops }) {} },
                        { startUnixServer(path, ServerOptions { eventLoops = loops }) {} },
                        { aSocket(loops.next()).tcp().bind("127.0.0.1", 0).use { it.accept() } },
                    )
                for (use in uses) {
                    withTimeout(
                        30.seconds,
                    ) { failureOf { use() } }.shouldBeInstanceOf<StreamClosedException>().message shouldContain
                        "EventLoop(over-1) was closed"
                }
                java.nio.file.Files
                    .exists(path) shouldBe false
                java.nio.file.Files
                    .delete(path.parent)
            }
        }
    })

/** What [use] throws. */
internal suspend fun failureOf(use: suspend () -> Unit): Throwable? =
    try {
        use()
        null
    } catch (e: Throwable) {
        e
    }
