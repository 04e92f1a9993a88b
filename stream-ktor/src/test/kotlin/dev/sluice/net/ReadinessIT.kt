package dev.sluice.net

import dev.sluice.isThorough
import io.kotest.core.spec.style.FunSpec
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions
import org.jetbrains.lincheck.datastructures.Operation
import org.jetbrains.lincheck.datastructures.StressOptions
import org.jetbrains.lincheck.datastructures.Validate
import java.nio.channels.SelectionKey.OP_READ
import java.util.concurrent.atomic.AtomicInteger
import kotlin.reflect.KFunction

private val arrive = WatchedReaderModel::arrive
private val read = WatchedReaderModel::read
private val cancel = WatchedReaderModel::cancel
private val shut = WatchedReaderModel::shut
private val close = WatchedReaderModel::close
private val turn = WatchedReaderModel::turn

/** A reader is never left waiting while there is something to read, nor once it is shut or the channel closed. */
internal class ReadinessIT : FunSpec({
    test("a reader, its cancellation, bytes, the selector and the end, in all interleavings of a few steps") {
        ModelCheckingOptions()
            .patient()
            .iterations(if (isThorough) 12 else 5)
            .threads(3)
            .actorsBefore(2)
            .actorsPerThread(2)
            .actorsAfter(0)
            .invocationsPerIteration(300)
            .check(WatchedReaderModel::class)
    }

    test("a reader that begins to wait misses nothing that happens meanwhile") {
        ModelCheckingOptions()
            .patient()
            .iterations(0)
            .invocationsPerIteration(1_000)
            .race(listOf(read), listOf(close))
            .race(listOf(read), listOf(shut))
            .race(listOf(read), listOf(arrive, turn), before = listOf(read, turn, cancel))
            .race(listOf(cancel, read), listOf(arrive, turn), before = listOf(read, turn))
            .race(listOf(read, read), listOf(turn), listOf(close), before = listOf(arrive))
            .check(WatchedReaderModel::class)
    }

    test("the same on threads that run freely") {
        StressOptions()
            .iterations(if (isThorough) 12 else 5)
            .threads(3)
            .actorsBefore(2)
            .actorsPerThread(3)
            .actorsAfter(0)
            .invocationsPerIteration(1_000)
            .check(WatchedReaderModel::class)
    }
})

/** What [threads] do beside each other; chance leads here seldom. */
private fun ModelCheckingOptions.race(
    vararg threads: List<KFunction<*>>,
    before: List<KFunction<*>> = emptyList(),
): ModelCheckingOptions =
    addCustomScenario {
        initial { before.forEach { actor(it) } }
        parallel { threads.forEach { actors -> thread { actors.forEach { actor(it) } } } }
    }

/** The reading side of a transport: a channel that has some bytes, and a selector that says so as long as it does and is armed. */
internal class WatchedReaderModel : WatchedChannel {
    private val available = AtomicInteger()

    @Volatile
    private var armed = false

    /** What [arm] leaves for the loop to do. */
    private val toArm = AtomicInteger()

    @Volatile
    override var closing: Closing? = null
        private set

    /** What the reader looks at before it waits, and when it was woken. */
    @Volatile
    private var isShut = false

    private val readable = Readiness()

    @Volatile
    private var reader: Job? = null

    override fun arm(operation: Int) {
        if (!armed) toArm.incrementAndGet()
    }

    @Operation
    fun arrive() {
        available.addAndGet(3)
    }

    /** Reads at most two bytes; with none it waits for some. */
    @Operation(nonParallelGroup = "reader")
    fun read() {
        if (reader?.isCompleted == false) return
        isShut = false
        reader =
            CoroutineScope(Dispatchers.Unconfined).launch {
                while (closing == null && tryRead() == 0 && !isShut) {
                    try {
                        readable.await(this@WatchedReaderModel, OP_READ)
                    } catch (_: java.io.IOException) {
                        return@launch
                    }
                }
            }
    }

    @Operation(nonParallelGroup = "reader")
    fun cancel() {
        reader?.cancel()
    }

    @Operation
    fun shut() {
        isShut = true
        readable.wake()
    }

    @Operation
    fun close() {
        val began = Closing("closed")
        closing = began
        readable.fail(began)
    }

    /** What the loop's thread does in a turn. */
    @Operation(nonParallelGroup = "loop")
    fun turn() {
        if (toArm.getAndSet(0) > 0) armed = true
        if (!armed || available.get() == 0) return
        if (!readable.signal()) {
            armed = false
            if (readable.hasWaiter) armed = true
        }
    }

    @Validate
    fun nobodyWaitsForWhatIsThere() {
        // One turn to arm and signal, one more for a waiter that was cancelled meanwhile, and came again.
        for (times in 1..3) turn()
        val waits = reader?.isCompleted == false
        check(!waits || available.get() == 0) { "a reader waits, and ${available.get()} bytes are there" }
        check(!waits || !isShut) { "a reader waits that was shut" }
        check(!waits || closing == null) { "a reader waits for a channel that is closed" }
    }

    private fun tryRead(): Int {
        if (!readable.take()) return 0
        val count = minOf(2, available.get())
        available.addAndGet(-count)
        if (count == 2) readable.giveBack()
        return count
    }
}
