package dev.sluice.net

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.longs.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield
import java.nio.ByteBuffer
import java.nio.channels.SelectionKey
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CountDownLatch
import kotlin.time.Duration.Companion.seconds

internal class EventLoopTest :
    FunSpec({
        test("what is resumed on the loop's own thread goes on in place") {
            withLoops { loops ->
                val order = ArrayList<String>()
                withContext(loops.next()) {
                    val signal = CompletableDeferred<Unit>()
                    val waiting =
                        launch(start = CoroutineStart.UNDISPATCHED) {
                            signal.await()
                            order += "resumed"
                        }
                    order += "before"
                    signal.complete(Unit)
                    order += "after"
                    waiting.join()
                }
                order shouldContainExactly listOf("before", "resumed", "after")
            }
        }

        test("what comes from another thread runs on the loop's, in the order in which it came") {
            withLoops { loops ->
                val loop = loops.next()
                val ran = ConcurrentLinkedQueue<Pair<Int, Thread>>()
                val done = CompletableDeferred<Unit>()
                repeat(1_000) { number -> loop.execute { ran += number to Thread.currentThread() } }
                loop.execute { done.complete(Unit) }
                done.await()
                ran.map { it.first } shouldContainExactly (0 until 1_000).toList()
                ran.map { it.second }.toSet() shouldBe setOf(loop.thread)
            }
        }

        test("a coroutine that yields gives way to the others") {
            withLoops { loops ->
                val order = ArrayList<String>()
                withContext(loops.next()) {
                    for (name in listOf("a", "b")) {
                        launch {
                            repeat(3) {
                                order += name + it
                                yield()
                            }
                        }
                    }
                }
                order shouldContainExactly listOf("a0", "b0", "a1", "b1", "a2", "b2")
            }
        }

        test("what is put off to the end of a turn runs before the loop waits again") {
            withLoops { loops ->
                val loop = loops.next()
                val order = ArrayList<String>()
                val done = CompletableDeferred<Unit>()
                val held = CountDownLatch(1)
                loop.execute {
                    // Both tasks below are in one turn.
                    held.await()
                }
                loop.execute {
                    loop.afterTurn {
                        order += "end of turn"
                        loop.afterTurn {
                            order += "end of the next turn"
                            done.complete(Unit)
                        }
                    }
                    loop.execute { order += "next turn" }
                    order += "first task"
                }
                loop.execute { order += "second task" }
                held.countDown()
                withTimeout(30.seconds) { done.await() }
                order shouldContainExactly
                    listOf("first task", "second task", "end of turn", "next turn", "end of the next turn")
            }
        }

        test("a task that throws ends neither the loop nor what comes after it, even if nobody can be told") {
            withLoops { loops ->
                val loop = loops.next()
                val told = ConcurrentLinkedQueue<String?>()
                loop.thread.setUncaughtExceptionHandler { _, e ->
                    told += e.message
                    error("the handler fails, too")
                }
                loop.execute { error("a task") }
                loop.execute { throw AssertionError("another task") }
                withContext(loop) { loop.afterTurn { error("the end of a turn") } }
                withContext(loop) { Thread.currentThread() } shouldBe loop.thread
                eventually("all failures are told") { told.size == 3 }
                told.toList() shouldContainExactly listOf("a task", "another task", "the end of a turn")
            }
        }

        test("who is told that a channel is ready may throw, and the loop goes on") {
            withLoops { loops ->
                val loop = loops.next()
                val told = CompletableDeferred<String?>()
                loop.thread.setUncaughtExceptionHandler { _, e -> told.complete(e.message) }
                val (left, right) = tcpPair(loop)
                val thrower =
                    object : ReadyHandler {
                        override fun ready(key: SelectionKey) {
                            key.interestOps(0)
                            error("no good handler")
                        }

                        override fun loopClosed(): Unit = error("nor at the end")
                    }
                withContext(loop) { loop.register(left, thrower).interestOps(SelectionKey.OP_READ) }
                right.write(ByteBuffer.wrap(byteArrayOf(1)))
                withTimeout(30.seconds) { told.await() } shouldBe "no good handler"
                withContext(loop) { Thread.currentThread() } shouldBe loop.thread
                loops.close()
                loop.thread.isAlive shouldBe false
                left.close()
                right.close()
            }
        }

        test("a coroutine that yields for ever keeps nobody from what is ready") {
            withLoops { loops ->
                val loop = loops.next()
                val (left, right) = SocketKind.TCP.connections(loop)
                coroutineScope {
                    val selfish = launch(loop) { while (isActive) yield() }
                    withTimeout(60.seconds) {
                        withContext(loop) {
                            repeat(100) {
                                left.writer.write("ping $it\n")
                                right.reader.readLine() shouldBe "ping $it"
                            }
                        }
                    }
                    selfish.cancel()
                }
                left.abort()
                right.abort()
            }
        }

        test("J-038 an interrupt of the loop's thread does not make it spin") {
            withLoops { loops ->
                val loop = loops.next()
                val before = loop.turns
                loop.thread.interrupt()
                eventually("the interrupt was noticed") { loop.turns > before && !loop.thread.isInterrupted }
                turnsWhileIdle(loop) shouldBeLessThanOrEqual FEW_TURNS
                // A task that interrupts its own thread, as one does after InterruptedException.
                withContext(loop) { Thread.currentThread().interrupt() }
                turnsWhileIdle(loop) shouldBeLessThanOrEqual FEW_TURNS
                val (left, right) = SocketKind.TCP.connections(loop)
                left.writer.write("still here\n")
                right.reader.readLine() shouldBe "still here"
                left.abort()
                right.abort()
            }
        }

        test("what a closed loop is given runs elsewhere, so that it comes to an end") {
            val loop = withLoops { it.next() }
            val thread = withContext(loop) { Thread.currentThread() }
            thread shouldNotBe loop.thread
            val ran = CompletableDeferred<Thread>()
            loop.execute { ran.complete(Thread.currentThread()) }
            withTimeout(30.seconds) { ran.await() } shouldNotBe loop.thread
        }
    })
