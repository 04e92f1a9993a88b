package dev.sluice

import dev.sluice.transport.ByteSink
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import java.io.RandomAccessFile
import java.nio.ByteBuffer
import java.nio.file.Files
import java.util.concurrent.Executors

internal class WriterFairnessTest : FunSpec({
    test("W-020 a loop of write and drain to a peer that is always ready lets its neighbours run, and can be cancelled") {
        onOneThread {
            val writer = StreamWriter(ScriptedSink())
            var steps = 0
            val loop =
                launch {
                    while (steps < ENDLESS) {
                        writer.write("x")
                        writer.drain()
                        steps++
                    }
                }
            var seenFirst = 0
            var seenLast = 0
            launch {
                seenFirst = steps
                repeat(9) { kotlinx.coroutines.yield() }
                seenLast = steps
                loop.cancelAndJoin()
            }.join()
            (seenFirst in 1..STEPS) shouldBe true
            (seenLast in 1..10 * STEPS) shouldBe true
            loop.isCancelled shouldBe true
            (steps <= 11 * STEPS) shouldBe true
        }
    }

    test("W-020 two such loops on one thread take turns, on one writer or on two") {
        for (count in 1..2) {
            onOneThread {
                val writers = List(count) { StreamWriter(ScriptedSink()) }
                val turns = mutableListOf<Int>()
                val loops =
                    List(2) { id ->
                        launch {
                            repeat(1000) {
                                writers[id % count].write("x")
                                writers[id % count].drain()
                                turns += id
                            }
                        }
                    }
                loops.forEach { it.join() }
                turns.size shouldBe 2000
                turns
                    .windowed(
                        STEPS + 1,
                    ).any { it.distinct().size == 1 && turns.lastIndexOf(1 - it[0]) > turns.size / 2 } shouldBe
                    false
            }
        }
    }

    test("W-020 a file that a peer takes at once keeps nobody from running, nor its sender from being cancelled") {
        val file = Files.createTempFile("sluice", ".bin")
        try {
            RandomAccessFile(file.toFile(), "rw").use { it.setLength(64L shl 20) }
            onOneThread {
                val taken = CompletableDeferred<Unit>()
                val held = CompletableDeferred<Unit>()
                val writer = StreamWriter(HoldingSink(taken, held))
                val sending = launch { writer.sendFile(file) }
                // A file that was sent on this thread would not let this one run before its end.
                taken.await()
                sending.cancelAndJoin()
                held.complete(Unit)
                writer.abort()
            }
        } finally {
            Files.delete(file)
        }
    }

    test("W-020 a drain alone, and one that throws, give way as well") {
        onOneThread {
            val lost = StreamWriter(ScriptedSink().apply { fail(ConnectionResetException("reset")) })
            lost.write("x")
            var steps = 0
            val loop =
                launch {
                    while (steps < ENDLESS) {
                        runCatching { lost.drain() }.exceptionOrNull().let { if (it !is ConnectionResetException) throw it!! }
                        steps++
                    }
                }
            launch { loop.cancelAndJoin() }.join()
            (steps <= 2 * STEPS) shouldBe true
        }
    }
})

/** How many steps one may do in a row. */
private const val STEPS = 128

/** So that a test of a loop that never gives way fails instead of hanging. */
private const val ENDLESS = 1_000_000

private suspend fun onOneThread(test: suspend kotlinx.coroutines.CoroutineScope.() -> Unit) {
    val executor = Executors.newSingleThreadExecutor()
    try {
        withContext(executor.asCoroutineDispatcher(), test)
    } finally {
        executor.shutdownNow()
    }
}

/** Takes one piece, says so, and keeps the thread that brought it until it is told to go on. */
private class HoldingSink(
    private val taken: CompletableDeferred<Unit>,
    private val held: CompletableDeferred<Unit>,
) : ByteSink {
    override val canWriteEof: Boolean get() = false

    override fun tryWrite(from: ByteBuffer): Int {
        val count = from.remaining()
        from.position(from.limit())
        taken.complete(Unit)
        runBlocking { held.await() }
        return count
    }

    override suspend fun awaitWritable(): Unit = Unit

    override fun writeEof(): Unit = throw UnsupportedOperationException()

    override fun close(): Unit = Unit
}
