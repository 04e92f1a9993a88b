package dev.sluice.net

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.comparables.shouldBeGreaterThanOrEqualTo
import io.kotest.matchers.longs.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.withContext
import java.lang.management.ManagementFactory
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds

internal class BlockedTaskWatchTest :
    FunSpec({
        test("a task that blocks its loop is logged once, with the stack where it stands") {
            watching(30.milliseconds) { loop, log ->
                val end = CountDownLatch(1)
                loop.execute { holdTheLoop(end) }
                eventually("it is logged") { log.stacks.isNotEmpty() }
                delay(300.milliseconds)
                end.countDown()
                withContext(loop) {}
                log.warnings shouldHaveSize 1
                log.warnings[0] shouldContain "EventLoop(blocked-1)"
                val blocked = Regex("for (\\d+) ms").find(log.warnings[0])!!.groupValues[1].toInt()
                blocked shouldBeGreaterThanOrEqualTo 30
                log.warnings[0] shouldContain "withContext(Dispatchers.IO)"
                log.stacks shouldHaveSize 1
            }
        }

        test("the next task that blocks is logged again") {
            watching(30.milliseconds) { loop, log ->
                for (times in 1..2) {
                    val end = CountDownLatch(1)
                    loop.execute { holdTheLoop(end) }
                    eventually("it is logged") { log.stacks.size == times }
                    end.countDown()
                }
            }
        }

        test("a coroutine that blocks when its connection is ready is logged, too") {
            watching(30.milliseconds) { loop, log ->
                coroutineScope {
                    val (left, right) = SocketKind.TCP.connections(loop)
                    val end = CountDownLatch(1)
                    val reading =
                        async(loop, CoroutineStart.UNDISPATCHED) {
                            right.reader.readLine()
                            holdTheLoop(end)
                        }
                    left.writer.write("now\n")
                    eventually("it is logged") { log.stacks.isNotEmpty() }
                    end.countDown()
                    reading.await()
                    left.abort()
                    right.abort()
                }
            }
        }

        test("nothing is logged of a loop that is idle, or busy with short tasks") {
            watching(30.milliseconds) { loop, log ->
                delay(200.milliseconds)
                repeat(200) {
                    withContext(loop) {}
                    delay(1.milliseconds)
                }
                log.warnings shouldHaveSize 0
            }
        }

        test("a watch that is switched off has no thread, and logs nothing") {
            watching(null) { loop, log ->
                loopThreads("blocked") shouldBe listOf("blocked-1")
                val end = CountDownLatch(1)
                loop.execute { holdTheLoop(end) }
                delay(300.milliseconds)
                end.countDown()
                withContext(loop) {}
                log.warnings shouldHaveSize 0
            }
        }

        test("neither the shortest threshold nor an interrupt makes the watch spin") {
            watching(1.nanoseconds) { _, _ ->
                val watch = Thread.getAllStackTraces().keys.single { it.name == "blocked-watch" }
                watch.interrupt()
                val before = cpuTime(watch)
                delay(1.seconds)
                (cpuTime(watch) - before).inWholeMilliseconds shouldBeLessThanOrEqual 500
            }
        }
    })

private suspend fun watching(
    threshold: Duration?,
    use: suspend (EventLoop, LogCapture) -> Unit,
) {
    captureLog().use { log ->
        val loops = EventLoops(1, "blocked", threshold)
        try {
            use(loops.next(), log)
        } finally {
            loops.close()
        }
    }
}

private fun holdTheLoop(end: CountDownLatch) {
    // A test that fails must not hang at the end of its loop.
    end.await(60, TimeUnit.SECONDS)
}

private val LogCapture.warnings get() = lines.filter { "WARN" in it && "has held the thread" in it }

private val LogCapture.stacks get() = lines.filter { "Kt.holdTheLoop(" in it }

private fun cpuTime(thread: Thread) = ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.id).nanoseconds
