package dev.sluice

import dev.sluice.transport.ByteSource
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Runnable
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.yield
import java.nio.ByteBuffer
import kotlin.coroutines.CoroutineContext

/** More operations than anybody may do before its neighbour has a turn. */
private const val MANY = 1_000

internal class ReaderFairnessTest : FunSpec({
    test("R-004 what the buffer serves needs no dispatch: five reads run before any other task that is ready") {
        for (read in servedReads) {
            withClue(read) {
                val thread = StepByStep()
                val reader = StreamReader(endless())
                val order = mutableListOf<String>()
                thread.launch {
                    read(reader)
                    val before = thread.dispatched
                    repeat(5) { read(reader) }
                    thread.dispatched shouldBe before
                    order += "reads"
                }
                thread.launch { order += "neighbour" }
                thread.runAll()
                order shouldBe listOf("reads", "neighbour")
            }
        }
    }

    test("W-020 R-004 a loop that the buffer serves lets its neighbours run after a bounded number of steps") {
        for (read in servedReads) {
            withClue(read) {
                val thread = StepByStep()
                val reader = StreamReader(endless())
                var neighbourRan = false
                var steps = 0
                thread.launch {
                    while (!neighbourRan && steps < MANY) {
                        read(reader)
                        steps++
                    }
                }
                thread.launch { neighbourRan = true }
                thread.runAll()
                steps shouldBeLessThan MANY
            }
        }
    }

    test("W-020 a loop over a stream that has ended or failed gives way, too") {
        for (end in listOf({ -1 }, { throw ConnectionResetException("reset") })) {
            for (read in everyRead) {
                withClue(read) {
                    val thread = StepByStep()
                    val reader = StreamReader(PiecewiseSource(emptyList(), end = end))
                    var neighbourRan = false
                    var steps = 0
                    thread.launch {
                        while (!neighbourRan && steps < MANY) {
                            runCatching { read(reader) }
                            steps++
                        }
                    }
                    thread.launch { neighbourRan = true }
                    thread.runAll()
                    steps shouldBeLessThan MANY
                }
            }
        }
    }

    test("R-004 a loop that the buffer serves is cancelled at its next step") {
        for (read in servedReads) {
            withClue(read) {
                val thread = StepByStep()
                val reader = StreamReader(endless())
                var steps = 0
                val reading =
                    thread.launch {
                        while (steps < MANY) {
                            if (++steps == 10) currentCoroutineContext().job.cancel()
                            read(reader)
                        }
                    }
                thread.runAll()
                reading.isCancelled shouldBe true
                steps shouldBe 10
            }
        }
    }

    test("an operation that goes on and on over a source that never waits lets its neighbours run, and can be cancelled") {
        for (read in listOf<
            suspend (
                StreamReader,
            ) -> Any,
        >({ it.read() }, { it.skip(Long.MAX_VALUE) }, { it.skipUntil("never") })) {
            val thread = StepByStep()
            val reader = StreamReader(Chatty())
            val reading = thread.launch { read(reader) }
            var turns = 0
            thread.launch {
                repeat(3) {
                    turns++
                    yield()
                }
                reading.cancel()
            }
            thread.runAll()
            turns shouldBe 3
            reading.isCancelled shouldBe true
        }
    }

    test("a source that returns early for no reason, again and again, is asked again, and its reader can be cancelled") {
        var early = 0
        val thread = StepByStep()
        var cancel = {}
        val source =
            object : ByteSource {
                override fun tryRead(into: ByteBuffer): Int = 0

                override suspend fun awaitReadable() {
                    if (++early == 50) cancel()
                }

                override fun close(): Unit = Unit
            }
        val reading = thread.launch { StreamReader(source).read(1) }
        cancel = { reading.cancel() }
        thread.runAll()
        reading.isCancelled shouldBe true
        early shouldBe 50
    }
})

/** Operations that one delivery of [endless] serves many times. */
private val servedReads: List<ReadOperation> =
    listOf(
        ReadOperation("read(n)") { it.read(1) },
        ReadOperation("read(into)") { it.read(ByteBuffer.allocate(1)) },
        ReadOperation("readExactly") { it.readExactly(2) },
        ReadOperation("readUntil") { it.readUntil(",") },
        ReadOperation("readUntil of two") { it.readUntil(",", "b\n") },
        ReadOperation("readLineBytes") { it.readLineBytes() },
        ReadOperation("readLine") { it.readLine() },
        ReadOperation("for") { reader ->
            for (line in reader) break
        },
        ReadOperation("skip") { it.skip(1) },
        ReadOperation("skipUntil") { it.skipUntil() },
        ReadOperation("text by line") { it.text(byLine = true).iterator().hasNext() },
    )

/** As much as ten thousand operations need. The first read of the source brings 64 KiB of it. */
private fun endless(): ByteSource = StreamFeed().apply { feed("a,b\n".repeat(100_000)) }

/** Has more for a long time, and nothing of it is a newline. Its end is there for a reader that never gives way. */
private class Chatty : ByteSource {
    private var reads = 0

    override fun tryRead(into: ByteBuffer): Int {
        if (++reads > MANY * MANY) return -1
        return minOf(10, into.remaining()).also { into.put(ByteArray(it)) }
    }

    override suspend fun awaitReadable(): Unit = Unit

    override fun close(): Unit = Unit
}

/** A dispatcher that is its own thread: it counts what it is given, and runs it in order. */
private class StepByStep : CoroutineDispatcher() {
    private val tasks = ArrayDeque<Runnable>()

    var dispatched = 0
        private set

    override fun dispatch(
        context: CoroutineContext,
        block: Runnable,
    ) {
        dispatched++
        tasks.addLast(block)
    }

    fun launch(work: suspend () -> Unit) = CoroutineScope(this).launch { work() }

    fun runAll() {
        while (tasks.isNotEmpty()) tasks.removeFirst().run()
    }
}
