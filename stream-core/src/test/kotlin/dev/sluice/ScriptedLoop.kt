package dev.sluice

import dev.sluice.transport.LoopTransport
import dev.sluice.transport.LossListener
import dev.sluice.transport.Transport
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.launch
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.util.Collections
import java.util.concurrent.ConcurrentLinkedQueue

/**
 * A transport on an event loop that a test turns by hand. It writes down what is asked of its output and takes as much as its
 * [sink] has room for; the input is what the test [feed]s.
 */
internal class ScriptedLoop(
    val below: ScriptedTransport = ScriptedTransport(),
) : LoopTransport,
    Transport by below {
    val sink get() = below.sink
    val feed get() = below.feed

    /** What was asked for, as it was asked: "tryWrite 3", "tryWrite 3+70000", "afterTurn". */
    val calls: MutableList<String> = Collections.synchronizedList(mutableListOf())

    private val tasks = ConcurrentLinkedQueue<Runnable>()

    /** The loop's thread; `null` for every thread. */
    @Volatile
    var thread: Thread? = null

    @Volatile
    private var turning = true

    override val isInLoop: Boolean get() = turning && (thread == null || thread === Thread.currentThread())

    /** Makes this thread, and every other one, none of the loop. */
    inline fun <T> outside(work: () -> T): T {
        turning = false
        try {
            return work()
        } finally {
            turning = true
        }
    }

    /** Runs at the beginning of [afterTurn]. */
    var onAfterTurn: () -> Unit = {}

    /** What the latest [tryWrite] was given. */
    var writing: ByteBuffer? = null
        private set

    /** What [tryTransfer] does before anything else. */
    var onTransfer: () -> Unit = {}

    /** How many bytes [tryTransfer] takes in one call. */
    var transferAtMost: Long = Long.MAX_VALUE

    /** Lets [awaitDelivered] return. */
    var delivered: CompletableDeferred<Unit> = CompletableDeferred(Unit)

    /** Lets [awaitReleased] return. */
    val released: CompletableDeferred<Unit> = CompletableDeferred()

    private val wakeUps = Channel<Unit>(Channel.CONFLATED)

    /** How often the reader was woken. */
    @Volatile
    var wakes: Int = 0
        private set

    /** What [awaitReadable] throws, if anything. */
    var waitFailure: Throwable? = null

    override fun afterTurn(task: Runnable) {
        check(isInLoop) { "afterTurn() on a thread that is not the loop's" }
        onAfterTurn()
        calls += "afterTurn"
        tasks.add(task)
    }

    /** Ends the turn of the loop: runs what was put off until then. */
    fun endTurn() {
        while (true) (tasks.poll() ?: break).run()
    }

    override fun tryWrite(from: ByteBuffer): Int {
        calls += "tryWrite ${from.remaining()}"
        writing = from
        return sink.tryWrite(from)
    }

    override fun tryWrite(
        from: Array<ByteBuffer>,
        count: Int,
    ): Long {
        calls += "tryWrite " + from.take(count).joinToString("+") { "${it.remaining()}" }
        var taken = 0L
        for (i in 0 until count) {
            taken += sink.tryWrite(from[i])
            if (from[i].hasRemaining()) break
        }
        return taken
    }

    override fun tryTransfer(
        file: FileChannel,
        position: Long,
        count: Long,
    ): Long {
        calls += "tryTransfer $position $count"
        onTransfer()
        val bytes = ByteBuffer.allocate(minOf(count, transferAtMost, 1L shl 20).toInt())
        if (file.read(bytes, position) <= 0) return 0
        bytes.flip()
        return sink.tryWrite(bytes).toLong()
    }

    /** Runs at the beginning of [awaitReadable]. */
    var onAwaitReadable: () -> Unit = {}

    override fun resumeWhenReadable(waiting: CancellableContinuation<Unit>) {
        val wait = CoroutineScope(Dispatchers.Unconfined).launch { waiting.resumeWith(runCatching { awaitReadable() }) }
        waiting.invokeOnCancellation { wait.cancel() }
    }

    override suspend fun awaitReadable() {
        onAwaitReadable()
        waitFailure?.let { throw it }
        wakeUps.receive()
    }

    override fun wakeReader() {
        wakes++
        wakeUps.trySend(Unit)
    }

    /** What the peer sends. */
    fun receive(text: String) {
        feed.feed(text)
        wakeUps.trySend(Unit)
    }

    /** Who wants to hear of the loop's end. */
    var lossListener: LossListener? = null
        private set

    override fun whenLost(listener: LossListener) {
        lossListener = listener
    }

    override suspend fun awaitDelivered(): Unit = delivered.await()

    override suspend fun awaitReleased() {
        calls += "awaitReleased"
        released.await()
    }
}
