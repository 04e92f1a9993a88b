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
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
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
            watching(30.milliseconds) { loop, other, log ->
                val end = CountDownLatch(1)
                loop.execute { holdTheLoop(end) }
                eventually("it is logged") { log.stacks.isNotEmpty() }
                repeat(5) { other.blockUntilLogged(log) }
                end.countDown()
                withContext(loop) {}
                val warning = log.warningsOf(loop).also { it shouldHaveSize 1 }.single()
                val blocked = Regex("for (\\d+) ms").find(warning)!!.groupValues[1].toInt()
                blocked shouldBeGreaterThanOrEqualTo 30
                warning shouldContain "withContext(Dispatchers.IO)"
                log.stacks shouldHaveSize 6
            }
        }

        test("the next task that blocks is logged again") {
            watching(30.milliseconds) { loop, _, log ->
                repeat(2) { loop.blockUntilLogged(log) }
                log.stacks shouldHaveSize 2
            }
        }

        test("a coroutine that blocks when its connection is ready is logged, too") {
            watching(30.milliseconds) { loop, _, log ->
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
            watching(30.milliseconds) { loop, other, log ->
                repeat(5) { other.blockUntilLogged(log) }
                coroutineScope {
                    val short =
                        launch(loop) {
                            while (true) yield()
                        }
                    repeat(5) { other.blockUntilLogged(log) }
                    short.cancel()
                }
                log.warningsOf(loop) shouldHaveSize 0
            }
        }

        test("a watch that is switched off has no thread") {
            watching(null) { _, _, _ -> loopThreads("blocked") shouldBe listOf("blocked-1", "blocked-2") }
        }

        test("neither the shortest threshold nor an interrupt makes the watch spin") {
            watching(1.nanoseconds) { _, _, _ ->
                val watch = Thread.getAllStackTraces().keys.single { it.name == "blocked-watch" }
                watch.interrupt()
                val before = cpuTime(watch)
                // There is nothing to wait for but time in which it could spin.
                delay(1.seconds)
                (cpuTime(watch) - before).inWholeMilliseconds shouldBeLessThanOrEqual 500
            }
        }
    })

/** Two loops that are looked at: what is logged of one tells that the other was looked at, too. */
private suspend fun watching(
    threshold: Duration?,
    use: suspend (EventLoop, EventLoop, LogCapture) -> Unit,
) {
    captureLog().use { log ->
        EventLoops(2, "blocked", threshold).use { loops -> use(loops.next(), loops.next(), log) }
    }
}

/** As long as it takes until it is noticed, which is a threshold at least. */
private suspend fun EventLoop.blockUntilLogged(log: LogCapture) {
    val end = CountDownLatch(1)
    val before = log.stacks.size
    execute { holdTheLoop(end) }
    eventually("it is logged") { log.stacks.size > before }
    end.countDown()
    withContext(this) {}
}

private fun holdTheLoop(end: CountDownLatch) {
    // A test that fails must not hang at the end of its loop.
    end.await(60, TimeUnit.SECONDS)
}

private fun LogCapture.warningsOf(loop: EventLoop) = lines.filter { "WARN" in it && "has held the thread of $loop" in it }

private val LogCapture.stacks get() = lines.filter { "Kt.holdTheLoop(" in it }

private fun cpuTime(thread: Thread) = ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.id).nanoseconds
