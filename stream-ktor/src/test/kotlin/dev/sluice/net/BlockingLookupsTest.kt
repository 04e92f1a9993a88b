package dev.sluice.net

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldNotContain
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.net.InetAddress
import java.net.UnknownHostException
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CountDownLatch
import java.util.concurrent.atomic.AtomicInteger

internal class BlockingLookupsTest :
    FunSpec({
        test("C-031, J-005 a lookup never runs on the event loop, and its caller goes on there") {
            val threads = ConcurrentLinkedQueue<Thread>()
            val lookups =
                BlockingLookups {
                    threads += Thread.currentThread()
                    arrayOf(ip("127.0.0.1"))
                }
            EventLoops(1, "lookup-caller").use { loops ->
                val loop = loops.next()
                withContext(loop) {
                    lookups.resolve("db") shouldBe listOf(ip("127.0.0.1"))
                    loop.isInLoop shouldBe true
                }
                threads.size shouldBe 1
                threads shouldNotContain loop.thread
            }
        }

        test("J-005 a caller who is cancelled returns at once, while the lookup runs out") {
            val began = CountDownLatch(1)
            val answer = CountDownLatch(1)
            val ended = CountDownLatch(1)
            val lookups =
                BlockingLookups {
                    began.countDown()
                    answer.await()
                    ended.countDown()
                    emptyArray()
                }
            coroutineScope {
                val caller = launch(Dispatchers.Default) { lookups.resolve("slow") }
                withContext(Dispatchers.IO) { began.await() }
                caller.cancelAndJoin()
                val runs = ended.count == 1L
                answer.countDown()
                runs shouldBe true
                withContext(Dispatchers.IO) { ended.await() }
            }
        }

        test("J-005 only so many lookups run at a time; one whose caller has gone before its turn never runs") {
            val running = AtomicInteger()
            val most = AtomicInteger()
            val names = ConcurrentLinkedQueue<String>()
            val answer = CountDownLatch(1)
            val lookups =
                BlockingLookups { name ->
                    names += name
                    most.accumulateAndGet(running.incrementAndGet(), ::maxOf)
                    answer.await()
                    running.decrementAndGet()
                    arrayOf(ip("127.0.0.1"))
                }
            coroutineScope {
                val slow = List(BlockingLookups.MOST_THREADS) { async(Dispatchers.Default) { lookups.resolve("slow") } }
                eventually("all threads look up") { running.get() >= BlockingLookups.MOST_THREADS }
                val gone = launch(Dispatchers.Unconfined) { lookups.resolve("gone") }
                val late = async(Dispatchers.Unconfined) { lookups.resolve("late") }
                gone.cancelAndJoin()
                answer.countDown()
                (slow + late).awaitAll()
            }
            most.get() shouldBe BlockingLookups.MOST_THREADS
            names shouldNotContain "gone"
            names.count { it == "late" } shouldBe 1
        }

        test("J-005 a lookup that fails leaves those after it alone") {
            val lookups = BlockingLookups { if (it == "unknown") throw UnknownHostException(it) else arrayOf(ip("127.0.0.1")) }
            shouldThrow<UnknownHostException> { lookups.resolve("unknown") }
            lookups.resolve("known") shouldBe listOf(ip("127.0.0.1"))
            // The one that everybody shares, too.
            shouldThrow<UnknownHostException> { JdkResolver.resolve("nosuch.invalid") }
            JdkResolver.resolve("localhost").toSet() shouldBe InetAddress.getAllByName("localhost").toSet()
        }
    })
