package dev.sluice

import dev.sluice.transport.ByteSink
import io.kotest.core.spec.style.FunSpec
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions
import org.jetbrains.lincheck.datastructures.Operation
import org.jetbrains.lincheck.datastructures.StressOptions
import org.jetbrains.lincheck.datastructures.Validate
import java.io.IOException
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.atomic.AtomicInteger

/**
 * The writer under the interleavings of a few random steps, over a sink that is full at times. What callers are told must be as
 * if they came one after the other. What one sees of the other's unfinished flush has no such order, so what has become of the
 * bytes is looked at when all is done.
 *
 * The models use loops and arrays where collections would do: to load Kotlin's collection functions takes Lincheck so long that
 * it takes the run for one that hangs.
 */
internal class WriterIT : FunSpec({
    test("W-002, W-015, W-021, W-030, W-044 two threads that write, drain, end, close and abort while room comes and goes") {
        ModelCheckingOptions()
            .patient()
            .iterations(if (isThorough) 6 else 2)
            .threads(2)
            .actorsBefore(1)
            .actorsPerThread(2)
            .actorsAfter(0)
            .invocationsPerIteration(100)
            .addCustomScenario {
                parallel {
                    thread { actor(PlainWriterModel::write) }
                    thread { actor(PlainWriterModel::write) }
                }
            }.addCustomScenario {
                initial {
                    actor(PlainWriterModel::write)
                    actor(PlainWriterModel::write)
                }
                parallel {
                    thread { actor(PlainWriterModel::drain) }
                    thread { actor(PlainWriterModel::makeRoom) }
                }
            }.check(PlainWriterModel::class)
    }

    test("W-002, W-015, W-021, W-030, W-044 the same steps on threads that run freely") {
        stress().check(PlainWriterModel::class)
    }

    test("W-002, W-015, W-021, W-030, W-044 the same steps where writes are put off until a drain or the end of a turn") {
        stress().check(LoopWriterModel::class)
    }
})

private fun stress() =
    StressOptions()
        .iterations(if (isThorough) 8 else 4)
        .threads(2)
        .actorsBefore(1)
        .actorsPerThread(3)
        .actorsAfter(0)
        .invocationsPerIteration(300)

internal class PlainWriterModel private constructor(
    sink: ScriptedSink,
) : WriterModel(sink, sink) {
    constructor() : this(ScriptedSink(room = 3))
}

/** Both threads take themselves for the loop's, so that whatever is done there meets. */
internal class LoopWriterModel private constructor(
    private val loop: ScriptedLoop,
) : WriterModel(loop.sink, loop) {
    constructor() : this(ScriptedLoop(ScriptedTransport(ScriptedSink(room = 3))))

    @Operation
    override fun endTurn() = loop.endTurn()
}

internal open class WriterModel(
    private val sink: ScriptedSink,
    outer: ByteSink,
) {
    private val writer = StreamWriter(outer)
    private val numbers = AtomicInteger(1)
    private val accepted = ConcurrentLinkedQueue<Int>()
    private val drains = ConcurrentLinkedQueue<Job>()

    @Volatile
    private var closed = false

    @Volatile
    private var aborted = false

    /** Two bytes, which have to stay together. */
    @Operation
    fun write(): String {
        val number = numbers.getAndIncrement()
        val record = byteArrayOf(number.toByte(), number.toByte())
        return result { writer.write(record) }.also { if (it == "done") accepted.add(number) }
    }

    @Operation
    fun drain() {
        drains.add(CoroutineScope(Dispatchers.Unconfined).launch { result { writer.drain() } })
    }

    @Operation
    fun makeRoom() {
        sink.open(1)
    }

    @Operation
    fun writeEof(): String = result { writer.writeEof() }

    @Operation
    fun close(): String {
        closed = true
        return result { writer.close() }
    }

    @Operation
    fun abort(): String {
        aborted = true
        return result { writer.abort() }
    }

    @Operation
    fun isClosing(): Boolean = writer.isClosing

    @Validate
    fun nothingIsLeftWhenThereIsRoom() {
        endTurn()
        sink.open()
        check(writer.pending == 0L) { "${writer.pending} bytes are pending" }
        check(!sink.isAwaited) { "somebody waits for room" }
        for (drain in drains) check(drain.isCompleted) { "a drain waits" }
        // An abort that meets the last step of a close may close what is being closed.
        check((sink.closes > 0) == (closed || aborted)) { "closed ${sink.closes} times" }
        val sent = sink.bytes
        for (i in 1 until sent.size step 2) check(sent[i] == sent[i - 1]) { "torn: ${sink.text}" }
        val times = IntArray(128)
        for (byte in sent) times[byte.toInt()]++
        for (number in accepted) check(aborted || times[number] == 2) { "of $number ${times[number]} bytes were sent" }
        check(aborted || sent.size == 2 * accepted.size) { "${accepted.size} accepted, ${sink.text} sent" }
    }

    open fun endTurn() = Unit

    private inline fun result(use: () -> Unit): String =
        try {
            use()
            "done"
        } catch (e: IOException) {
            e.javaClass.simpleName
        } catch (e: IllegalStateException) {
            e.javaClass.simpleName
        }
}
