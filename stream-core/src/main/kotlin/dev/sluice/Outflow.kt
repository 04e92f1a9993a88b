package dev.sluice

import dev.sluice.transport.ByteSink
import dev.sluice.transport.LoopTransport
import dev.sluice.transport.LossListener
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableJob
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import java.io.IOException
import java.nio.ByteBuffer
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration

/**
 * How bytes get from a writer to its sink, and how that ends.
 *
 * **The flusher.** Whoever adds bytes while nobody is flushing becomes the flusher. It alone calls the sink, outside the
 * lock, so that another writer never waits for a system call, and a sink that resumes somebody in place may lead back to
 * here. Everybody else only adds to the queue. The flusher goes on until the queue is empty; when it would have to wait, for
 * room or for the disk that a file is on, the pump, a coroutine that may wait, is the flusher from then on.
 *
 * **Turns of a loop.** On the thread of a loop that drives the sink a small write only adds to the queue, and its bytes leave
 * together with those of the next ones: with the next step that flushes, a drain or a larger write, or when the loop's turn
 * ends. Bytes in the queue while nobody is flushing are always such.
 *
 * **Counting.** [accepted] is everything ever written, [settled] the part that is with the sink (files count in both). A drain
 * waits for `settled` to reach what `accepted` was at its beginning.
 *
 * **The end.** Of [failure] there is one: the first loss or abort. It drops the queue and ends every wait. An orderly close
 * lets the flusher empty the queue and then release the sink; nobody flushes any more.
 */
internal class Outflow(
    val sink: ByteSink,
    private val limit: Int,
    private val reader: StreamReader?,
    private val closeTimeout: Duration,
    private val background: CoroutineContext,
) : TakesTurns(),
    Runnable,
    LossListener {
    private val loop = sink as? LoopTransport
    private val queue = WriteQueue()

    /** What the flusher is handing over; see [batchFor]. */
    private var batch: Any? = null

    /** Made for the first who has to wait. */
    private var waiters: FlushWaiters? = null
    private var flushing = false
    private var isScheduled = false
    private var pump: Job? = null

    private var held = 0L
    private var accepted = 0L
    private var settled = 0L

    private var outputEnded = false
    private var eofSent = false
    private var closing = false
    private var failure: IOException? = null

    /** What [awaitClosed] throws. A plain abort fails a drain, and is an orderly end for those who await it. */
    private var closeFailure: IOException? = null
    private var closed = false

    /** For those who wait for [closed]. */
    private var closedSignal: CompletableJob? = null

    init {
        loop?.whenLost(this)
    }

    /** Bytes in memory that the sink has not taken. */
    val pending: Long get() = synchronized(this) { held }
    val isInLoop: Boolean get() = loop != null && loop.isInLoop
    val isClosed: Boolean get() = synchronized(this) { closed }
    val isClosing: Boolean get() = synchronized(this) { closing || failure != null }

    fun write(
        data: ByteArray,
        offset: Int,
        length: Int,
    ) {
        checkBounds(data, offset, length)
        if (!defer(length) { it.put(data, offset, length) }) writeNow(ByteBuffer.wrap(data, offset, length))
    }

    fun write(data: ByteBuffer) {
        if (!defer(data.remaining()) { it.put(data) }) writeNow(data)
    }

    /** Writes as much as the limit allows, at once; what [awaitSettled] has to wait for until that is with the sink. */
    fun writeAtMost(data: ByteBuffer): Long {
        makeRoom(data.remaining().toLong())
        val target: Long
        val isFlusher =
            synchronized(this) {
                checkOpen()
                val count = minOf(data.remaining().toLong(), limit - held).toInt()
                data.bounds(data.position(), data.position() + count)
                target = accepted + count
                count > 0 && accept(data)
            }
        if (isFlusher) flushOrPump()
        data.bounds(data.limit(), data.limit())
        return target
    }

    /** Throws what a write would throw that is none at all; or of [length] bytes, which may be more than an array holds. */
    fun checkWritable(length: Long = 0) {
        makeRoom(length)
        synchronized(this) {
            checkOpen()
            checkRoom(length)
        }
    }

    /** Sends a file after what was written; what [awaitSettled] has to wait for. */
    fun send(file: FileRegion): Long =
        flushAfter {
            checkOpen()
            queue.append(file)
            accepted += file.length
            accepted
        }

    /** Flushes what waits for the end of a turn; what a drain that begins now has to wait for, 0 for nothing. */
    fun drainTarget(): Long {
        val target: Long
        val isFlusher =
            synchronized(this) {
                failure?.let { throw it.forCaller() }
                if (closing) throw closedByThisSide()
                if (settled == accepted) return 0
                target = accepted
                becomeFlusherOfDeferred()
            }
        if (isFlusher) flushOrPump()
        return if (isSettled(target)) 0 else target
    }

    fun isSettled(target: Long): Boolean = synchronized(this) { settled >= target }

    suspend fun awaitSettled(target: Long) {
        awaitSettledOrLost(target)
        synchronized(this) {
            if (settled < target) failure?.let { throw it.forCaller() }
        }
    }

    fun endOutput() {
        flushAfter { if (!closing && failure == null) outputEnded = true }
    }

    fun close() {
        val lost =
            synchronized(this) {
                if (closing) return
                closing = true
                failure
            }
        reader?.shut()
        if (lost != null) {
            abandonSink(lost)
            return
        }
        flushAfter { }
        if (closeTimeout.isFinite() && settledWhileFlushing() != null) boundFlush()
    }

    fun abort(cause: Throwable?) {
        val aborted = StreamClosedException("the stream${sink.info.toPeer()} was aborted by this side", cause)
        lose(aborted, cause as? IOException ?: cause?.let { aborted }, isAbort = true)
        // A stream that was lost before has nothing left to abort, and yet to be released.
        close()
    }

    suspend fun awaitClosed() {
        currentCoroutineContext().ensureActive()
        synchronized(this) { if (closed) null else closedSignal ?: Job().also { closedSignal = it } }?.join()
        synchronized(this) { closeFailure }?.let { throw it.forCaller() }
    }

    /** The sink, or the other half of the connection, has met the end of it all. */
    override fun lost(cause: IOException): Unit = lose(cause, cause, isAbort = false)

    private fun overLimit(length: Long) =
        WriteLimitException(
            "$length bytes and the $held that the stream${sink.info.toPeer()} still holds are more than the limit of $limit; " +
                "call drain() between writes, or raise the writeLimit",
        )

    private fun closedByThisSide() = StreamClosedException("the stream${sink.info.toPeer()} was closed by this side")

    /** Under the lock. */
    private fun checkOpen() {
        failure?.let { throw it.forCaller() }
        if (closing) throw closedByThisSide()
        check(!outputEnded) {
            "the output of the stream${sink.info.toPeer()} was ended by writeEof(); nothing can be written after it"
        }
    }

    /** Under the lock. */
    private fun checkRoom(length: Long) {
        if (held + length > limit) throw overLimit(length)
    }

    /** What waits for the end of a turn, and not for the sink, doesn't count against the limit: it leaves before. */
    private fun makeRoom(length: Long) {
        if (loop != null && synchronized(this) { held + length > limit }) flushDeferred()
    }

    /**
     * Lets [copy] put [length] bytes where they leave at the end of the loop's turn, or with the next drain; false if they have
     * to go the ordinary way.
     */
    private inline fun defer(
        length: Int,
        copy: (ByteBuffer) -> Unit,
    ): Boolean {
        if (loop == null || length !in 1 until LARGE || !loop.isInLoop) return false
        val schedules: Boolean
        synchronized(this) {
            checkOpen()
            if (flushing || held + length > limit) return false
            copy(queue.roomFor(length) ?: return false)
            held += length
            accepted += length
            schedules = !isScheduled
            isScheduled = true
        }
        if (schedules) losingOnFailure { loop.afterTurn(this) }
        return true
    }

    /** At the end of a loop's turn: flushes what was deferred to it. */
    override fun run() {
        synchronized(this) { isScheduled = false }
        flushDeferred()
    }

    private fun flushDeferred() {
        if (synchronized(this) { becomeFlusherOfDeferred() }) flushOrPump()
    }

    /** Under the lock. */
    private fun becomeFlusherOfDeferred(): Boolean {
        if (flushing || queue.isEmpty) return false
        flushing = true
        return true
    }

    private fun writeNow(data: ByteBuffer) {
        makeRoom(data.remaining().toLong())
        val isFlusher =
            synchronized(this) {
                checkOpen()
                checkRoom(data.remaining().toLong())
                if (!data.hasRemaining()) return
                accept(data)
            }
        if (isFlusher) flushOrPump()
        data.bounds(data.limit(), data.limit())
    }

    /** Under the lock. Whether the caller is the flusher now, who writes [data] without a copy; otherwise a copy was queued. */
    private fun accept(data: ByteBuffer): Boolean {
        held += data.remaining()
        accepted += data.remaining()
        if (flushing) {
            queue.append(data)
            return false
        }
        flushing = true
        queue.lend(data)
        return true
    }

    /** Changes the state, then flushes unless somebody does. */
    private inline fun <T> flushAfter(change: () -> T): T {
        val result: T
        val isFlusher =
            synchronized(this) {
                result = change()
                !flushing.also { flushing = true }
            }
        if (isFlusher) flushOrPump()
        return result
    }

    private fun flushOrPump() {
        if (flush()) {
            synchronized(this) {
                queue.keep()
                batch = null
            }
            launchPump()
        }
    }

    /** Hands the flusher's work over to a coroutine that may wait: for room, or for a disk. */
    private fun launchPump() {
        launchInBackground {
            val self = currentCoroutineContext().job
            losingOnFailure {
                do {
                    when (val head = headFor(self)) {
                        null -> Unit
                        is FileRegion -> withContext(Dispatchers.IO) { sendFrom(head) }
                        else -> sink.awaitWritable()
                    }
                } while (flush())
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

    /** As the flusher: works until nothing is left and it rests; or, and then the result is true, until it has to wait. */
    private fun flush(): Boolean {
        while (true) {
            when (synchronized(this) { beginNextStep() }) {
                Step.WRITE -> if (!writeBatch()) return true
                Step.SEND_FILE -> return true
                Step.END_OUTPUT -> losingOnFailure { sink.writeEof() }
                Step.RELEASE -> return false.also { launchInBackground { release() } }
                Step.REST -> return false
            }
        }
    }

    private enum class Step { WRITE, SEND_FILE, END_OUTPUT, RELEASE, REST }

    /** Under the lock. */
    private fun beginNextStep(): Step {
        val head = queue.head
        val step =
            when {
                failure != null -> Step.REST
                head is FileRegion -> Step.SEND_FILE
                head != null -> Step.WRITE
                outputEnded && !eofSent -> Step.END_OUTPUT
                closing -> Step.RELEASE
                else -> Step.REST
            }
        batch = if (step == Step.WRITE) queue.batchFor(sink) else null
        when (step) {
            Step.END_OUTPUT -> eofSent = true

            // A file is the pump's from here on, and the release nobody's: no other becomes the flusher.
            Step.WRITE, Step.SEND_FILE, Step.RELEASE -> Unit

            Step.REST -> flushing = false
        }
        return step
    }

    /** As the flusher: false if the sink is full. */
    private fun writeBatch(): Boolean {
        var count = 0L
        losingOnFailure { count = sink.offerBatch(batch!!) }
        return settling {
            held -= count
            queue.removeWritten()
            count
        }
    }

    /** As the flusher: false if the sink is full. */
    private fun sendPiece(file: FileRegion): Boolean {
        var count = 0
        losingOnFailure { count = file.writeTo(sink) }
        val moved =
            settling {
                if (!file.isDone) return@settling count.toLong()
                queue.removeHead()
                // A file that ended early settles what it did not have, too.
                count + file.length - file.sent
            }
        return moved || file.isDone
    }

    /** Counts what a step of the flusher has settled, unless all is lost anyway; false if that is nothing. */
    private inline fun settling(step: () -> Long): Boolean {
        val count: Long
        val reached: List<FlushWaiters.Waiter>
        synchronized(this) {
            if (failure != null) return true
            count = step()
            settled += count
            reached = waiters?.takeReached() ?: emptyList()
        }
        FlushWaiters.resume(reached)
        return count > 0
    }

    private suspend fun release() {
        losingOnFailure { sink.finish() }
        complete()
    }

    /** After [close]: in each [closeTimeout] the peer has to take something. */
    private fun boundFlush() {
        launchInBackground {
            var before = settledWhileFlushing()
            while (before != null) {
                val next = before + 1
                withTimeoutOrNull(closeTimeout) { awaitSettledOrLost(next) }
                val after = settledWhileFlushing()
                if (after == before) return@launchInBackground giveUp()
                before = after
            }
        }
    }

    /** How far the flush is; null when it is over. */
    private fun settledWhileFlushing(): Long? = synchronized(this) { settled.takeIf { failure == null && settled < accepted } }

    private fun giveUp() {
        val left = synchronized(this) { accepted - settled }
        val what = "closing the stream${sink.info.toPeer()}"
        abort(CloseTimeoutException("$what: the peer took no byte for $closeTimeout, $left bytes were dropped"))
    }

    private suspend fun awaitSettledOrLost(target: Long) {
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
     * What the sink throws ends the stream. A bug in it does, too, so that nobody waits for ever, but that is thrown on.
     */
    private inline fun losingOnFailure(use: () -> Unit) {
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

    private fun lose(
        cause: IOException,
        report: IOException?,
        isAbort: Boolean,
    ) {
        val abandons: Boolean
        val running: Job?
        val waiting: FlushWaiters?
        synchronized(this) {
            if (failure != null || closed) return
            failure = cause
            closeFailure = report
            queue.clear(isInUse = flushing)
            held = 0
            closing = closing || isAbort
            abandons = closing
            running = pump
            waiting = waiters
        }
        if (isAbort) reader?.shut()
        running?.cancel()
        if (abandons) abandonSink(cause)
        waiting?.resumeReached()
        complete()
    }

    private fun complete() {
        synchronized(this) {
            closed = true
            closedSignal
        }?.complete()
    }

    private fun abandonSink(why: IOException) {
        try {
            sink.giveUp()
        } catch (e: Throwable) {
            // Also a bug in it: nobody may be left waiting.
            why.addSuppressed(e)
        }
    }

    private fun launchInBackground(work: suspend () -> Unit): Job =
        CoroutineScope(background).launch(start = CoroutineStart.UNDISPATCHED) { work() }

    /** For the writer's own description. */
    fun state(): List<String> =
        synchronized(this) {
            listOfNotNull(
                "pending=$held",
                "ended".takeIf { outputEnded },
                failure?.let { "failed: $it" },
                "closing".takeIf { closing && !closed },
                "closed".takeIf { closed },
            )
        }

    private companion object {
        /** From this size on copying, to write later, costs more than it saves. */
        const val LARGE = 8 * 1024
    }
}
