package dev.sluice

import dev.sluice.transport.BufferingSink
import dev.sluice.transport.ByteSink
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import java.io.IOException
import java.nio.ByteBuffer
import kotlin.coroutines.CoroutineContext

/**
 * How queued bytes get to a sink.
 *
 * **The flusher.** Whoever adds bytes while nobody is flushing becomes the flusher. It alone calls the sink, outside the
 * lock, so that another writer never waits for a system call, and a sink that resumes somebody in place may lead back to
 * here. Everybody else only adds to the queue. The flusher goes on until the queue is empty; when it would have to wait, for
 * room or for the disk that a file is on, the pump, a coroutine that may wait, is the flusher from then on.
 *
 * **Counting.** [accepted] is everything ever written, [settled] the part that the sink has passed on (files count in both). A drain
 * waits for `settled` to reach what `accepted` was at its beginning.
 *
 * The lock is this object. What a writer is made of are supertypes, one on the other, and not objects: an idle one should own next
 * to nothing.
 */
internal abstract class Flusher(
    sink: ByteSink,
    val background: CoroutineContext,
) : TakesTurns(),
    StreamInfo {
    /** Exchanged in an upgrade, by the flusher. */
    @Volatile
    var sink: ByteSink = sink
        private set

    /** The sink, if it may hold on to what it has taken. */
    private var buffering = sink as? BufferingSink

    protected val queue = WriteQueue()

    /** What the flusher is handing over; see [batchFor]. */
    private var batch: Any? = null

    /** Made for the first who has to wait. */
    private var waiters: FlushWaiters? = null
    private var pump: Job? = null
    protected var flushing = false

    /** Bytes in memory that the sink has not taken. */
    protected var held = 0L
    protected var accepted = 0L
    protected var settled = 0L

    /** What the sink has taken and holds on to. */
    private var unsettled = 0L

    protected var outputEnded = false
    private var eofSent = false

    /** When the queue is empty the sink is released, and nobody flushes any more. */
    protected var closing = false

    /** The first loss or abort, after which nothing is flushed any more. */
    protected var failure: IOException? = null

    /** The sink has met the end of it all. */
    abstract fun lost(cause: IOException)

    /** After the last byte of one that is [closing]. */
    protected abstract suspend fun release()

    /** What the sink knows, now: an upgrade adds to it. */
    override fun <T : Any> get(key: InfoKey<T>): T? = sink.info[key]

    override fun toString(): String = sink.info.toString()

    fun isSettled(target: Long): Boolean = synchronized(this) { settled >= target }

    suspend fun awaitSettled(target: Long) {
        awaitSettledOrLost(target)
        synchronized(this) {
            if (settled < target) failure?.let { throw it.forCaller() }
        }
    }

    protected suspend fun awaitSettledOrLost(target: Long) {
        val waiting =
            synchronized(this) {
                if (settledOrLost() >= target) return
                waiters ?: FlushWaiters(this, ::settledOrLost).also { waiters = it }
            }
        waiting.await(target)
    }

    /** Under the lock. How far waiting has got: after a loss there is nothing to wait for. */
    private fun settledOrLost(): Long = if (failure != null) Long.MAX_VALUE else settled

    /**
     * Under the lock. The first step of the caller, who is the flusher now and writes [data] without a copy; null if somebody else is, and a copy
     * was queued.
     */
    protected fun accept(data: ByteBuffer): Step? {
        held += data.remaining()
        accepted += data.remaining()
        if (flushing) queue.append(data) else queue.lend(data)
        return becomeFlusher()
    }

    /** Under the lock. The first step of the caller, who is the flusher now; null if somebody else is. */
    protected fun becomeFlusher(): Step? {
        if (flushing) return null
        flushing = true
        return nextStep()
    }

    /** Changes the state, then flushes unless somebody does. */
    protected inline fun <T> flushAfter(change: () -> T): T {
        val result: T
        val first: Step?
        synchronized(this) {
            result = change()
            first = becomeFlusher()
        }
        if (first != null) flushOrPump(first)
        return result
    }

    /** As the flusher, from the step [first] on; whether everything is with the sink. */
    protected fun flushOrPump(first: Step): Boolean {
        val last = flush(first)
        if (last == Step.WAIT) {
            synchronized(this) {
                queue.keep()
                batch = null
            }
            launchPump()
        }
        return last == Step.REST
    }

    /** Hands the flusher's work over to a coroutine that may wait: for room, or for a disk. */
    private fun launchPump() {
        launchInBackground {
            val self = currentCoroutineContext().job
            losingOnFailure {
                do {
                    val head = headFor(self)
                    when {
                        head is FileRegion -> withContext(Dispatchers.IO) { sendFrom(head) }
                        head != null || mayHold() -> sink.awaitWritable()
                    }
                } while (flush(synchronized(this) { nextStep() }) == Step.WAIT)
            }
            forget(self)
        }
    }

    /** Makes [self] the pump that a loss ends; what it has to get out next, `null` after a loss. */
    private fun headFor(self: Job): WriteQueue.Entry? =
        synchronized(this) {
            pump = self
            queue.head
        }

    private fun mayHold(): Boolean = synchronized(this) { failure == null && unsettled > 0 }

    /** As the flusher: the whole of [file], which waits for the disk as well as for room. */
    private suspend fun sendFrom(file: FileRegion) {
        while (synchronized(this) { queue.head === file }) {
            if (!sendPiece(file)) sink.awaitWritable()
        }
    }

    private fun forget(self: Job) {
        // Another one may be at work by now.
        synchronized(this) { if (pump === self) pump = null }
    }

    /** As the flusher, from the step [first] on: works until it may rest, or has to wait; the last step. */
    private fun flush(first: Step): Step {
        var step = first
        while (true) {
            step =
                when (step) {
                    Step.WRITE -> {
                        writeBatch()
                    }

                    Step.CONFIRM -> {
                        confirm()
                    }

                    Step.END_OUTPUT -> {
                        losingOnFailure { sink.writeEof() }
                        synchronized(this) { nextStep() }
                    }

                    Step.SEND_FILE -> {
                        return Step.WAIT
                    }

                    Step.RELEASE -> {
                        launchInBackground { release() }
                        return step
                    }

                    Step.WAIT, Step.REST, Step.GIVE_UP -> {
                        return step
                    }
                }
        }
    }

    /** What the flusher does next. A release ends flushing for good; the last two end it until somebody begins again. */
    protected enum class Step { WRITE, SEND_FILE, CONFIRM, END_OUTPUT, WAIT, RELEASE, REST, GIVE_UP }

    /** Under the lock, as the flusher. */
    private fun nextStep(): Step {
        val head = queue.head
        val step =
            when {
                failure != null -> Step.GIVE_UP
                head is FileRegion -> Step.SEND_FILE
                head != null -> Step.WRITE
                unsettled > 0 -> Step.CONFIRM
                outputEnded && !eofSent -> Step.END_OUTPUT
                closing -> Step.RELEASE
                else -> Step.REST
            }
        batch = if (step == Step.WRITE) queue.batchFor(sink) else null
        if (step == Step.END_OUTPUT) eofSent = true
        // Not after the others: a file is the pump's from here on, and the release nobody's.
        if (step == Step.REST || step == Step.GIVE_UP) flushing = false
        return step
    }

    /** As the flusher; what comes next, which is to wait if the sink is full. */
    private fun writeBatch(): Step {
        var count = 0L
        var isFlushed = true
        losingOnFailure {
            count = sink.offerBatch(batch!!)
            isFlushed = isSinkFlushed()
        }
        return settling {
            held -= count
            queue.removeWritten()
            settle(count, isFlushed)
            if (count > 0) nextStep() else Step.WAIT
        }
    }

    /** As the flusher; what comes next, which is to wait if the sink still holds on to bytes. */
    private fun confirm(): Step {
        var isFlushed = true
        losingOnFailure { isFlushed = isSinkFlushed() }
        return settling {
            settle(0, isFlushed)
            if (isFlushed) nextStep() else Step.WAIT
        }
    }

    /** As the flusher: false if the sink is full. */
    private fun sendPiece(file: FileRegion): Boolean {
        var count = 0
        var isFlushed = true
        losingOnFailure {
            count = file.writeTo(sink)
            isFlushed = isSinkFlushed()
        }
        val next =
            settling {
                if (file.isDone) queue.removeHead()
                // A file that ended early settles what it did not have, too.
                settle(if (file.isDone) count + file.length - file.sent else count.toLong(), isFlushed)
                if (count > 0 || file.isDone) Step.SEND_FILE else Step.WAIT
            }
        return next != Step.WAIT
    }

    private fun isSinkFlushed(): Boolean = buffering?.isFlushed() ?: true

    /** Does [step] under the lock, unless all is lost, and then resumes who waited for what that settled. */
    private inline fun settling(step: () -> Step): Step {
        val next: Step
        var reached = emptyList<FlushWaiters.Waiter>()
        synchronized(this) {
            if (failure != null) return nextStep()
            next = step()
            waiters?.let { reached = it.takeReached() }
        }
        FlushWaiters.resume(reached)
        return next
    }

    /** Under the lock: counts what the sink took in one step. */
    private fun settle(
        count: Long,
        isFlushed: Boolean,
    ) {
        if (isFlushed) {
            settled += unsettled + count
            unsettled = 0
        } else {
            // It takes no more while it holds on to something: what came before this is gone.
            if (count > 0) settled += unsettled.also { unsettled = 0 }
            unsettled += count
        }
    }

    /**
     * Becomes the flusher when everything is with the sink, so that nobody else uses that until [resumeFlush] or a loss. What is written
     * meanwhile waits in the queue.
     */
    protected suspend fun pauseFlush(mayPause: () -> Unit) {
        while (true) {
            awaitSettled(synchronized(this) { accepted })
            synchronized(this) {
                mayPause()
                if (settled == accepted && !flushing) {
                    flushing = true
                    return
                }
            }
            yield()
        }
    }

    /** As the flusher: goes on with [next] in the place of the sink. */
    protected fun resumeFlush(next: ByteSink) {
        val first =
            synchronized(this) {
                sink = next
                buffering = next as? BufferingSink
                nextStep()
            }
        flushOrPump(first)
    }

    /** Whether somebody waits for a flush. */
    val hasWaiters: Boolean get() = synchronized(this) { waiters?.isEmpty == false }

    /** Under the lock, after a loss: drops what the sink has not taken. */
    protected fun dropQueue() {
        queue.clear(isInUse = flushing)
        held = 0
    }

    /** After a loss: the pump waits for nothing any more. */
    protected fun cancelPump(): Unit = synchronized(this) { pump }?.cancel() ?: Unit

    /** After a loss: nobody waits for what will not come. */
    protected fun resumeWaiters(): Unit = synchronized(this) { waiters }?.resumeReached() ?: Unit

    /**
     * What the sink throws ends the stream. A bug in it does, too, so that nobody waits for ever, but that is thrown on.
     */
    protected inline fun losingOnFailure(use: () -> Unit) {
        try {
            use()
        } catch (e: IOException) {
            lost(e)
        } catch (e: CancellationException) {
            lost(StreamClosedException("what lies below the stream${sink.info.toPeer()} was closed", e))
        } catch (e: Throwable) {
            lost(IOException("the sink of the stream${sink.info.toPeer()} is broken: $e", e))
            throw e
        }
    }

    protected fun launchInBackground(work: suspend () -> Unit): Job =
        CoroutineScope(background).launch(start = CoroutineStart.UNDISPATCHED) { work() }
}
