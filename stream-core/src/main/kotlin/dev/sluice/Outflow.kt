package dev.sluice

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
 * **Counting.** [accepted] is everything ever written, [settled] the part that is with the sink (files count in both). A drain
 * waits for `settled` to reach what `accepted` was at its beginning.
 *
 * **The end.** Of [failure] there is one: the first loss or abort. It drops the queue and ends every wait. An orderly close
 * lets the flusher empty the queue and then hands the sink over to the [ending]; nobody flushes any more.
 */
internal class Outflow(
    val sink: ByteSink,
    private val limit: Int,
    private val ending: Ending,
    private val closeTimeout: Duration,
    private val background: CoroutineContext,
) {
    private val lock = Any()
    private val queue = WriteQueue()
    private val waiters = FlushWaiters(lock, ::settledOrLost)
    private var flushing = false
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
    private val closed = Job()

    /** Bytes in memory that the sink has not taken. */
    val pending: Long get() = synchronized(lock) { held }
    val isClosing: Boolean get() = synchronized(lock) { closing || failure != null }

    fun write(data: ByteBuffer) {
        val mayWriteThrough =
            synchronized(lock) {
                checkWritable(data.remaining().toLong())
                if (!data.hasRemaining()) return
                accept(data)
            }
        if (mayWriteThrough) writeThrough(data)
    }

    /** Writes as much as the limit allows; what [awaitSettled] has to wait for until that is with the sink. */
    fun writeAtMost(data: ByteBuffer): Long {
        val target: Long
        val mayWriteThrough =
            synchronized(lock) {
                checkWritable()
                val count = minOf(data.remaining().toLong(), limit - held).toInt()
                data.bounds(data.position(), data.position() + count)
                target = accepted + count
                count > 0 && accept(data)
            }
        if (mayWriteThrough) writeThrough(data)
        return target
    }

    /** Throws what a write would throw that is none at all; or of [length] bytes, which may be more than an array holds. */
    fun checkWritable(length: Long = 0) {
        synchronized(lock) {
            failure?.let { throw it.forCaller() }
            if (closing) throw closedByThisSide()
            check(!outputEnded) {
                "the output of the stream${sink.info.toPeer()} was ended by writeEof(); nothing can be written after it"
            }
            if (held + length > limit) throw overLimit(length)
        }
    }

    /** Sends a file after what was written; what [awaitSettled] has to wait for. */
    fun send(file: FileRegion): Long =
        flushAfter {
            checkWritable()
            queue.append(file)
            accepted += file.length
            accepted
        }

    /** What a drain that begins now has to wait for; 0 for nothing. */
    fun drainTarget(): Long =
        synchronized(lock) {
            failure?.let { throw it.forCaller() }
            if (closing) throw closedByThisSide()
            if (settled < accepted) accepted else 0
        }

    fun isSettled(target: Long): Boolean = synchronized(lock) { settled >= target }

    suspend fun awaitSettled(target: Long) {
        awaitSettledOrLost(target)
        synchronized(lock) {
            if (settled < target) failure?.let { throw it.forCaller() }
        }
    }

    fun endOutput() {
        flushAfter { if (!closing && failure == null) outputEnded = true }
    }

    fun close() {
        val lost =
            synchronized(lock) {
                if (closing) return
                closing = true
                failure
            }
        ending.endInput()
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
        closed.join()
        synchronized(lock) { closeFailure }?.let { throw it.forCaller() }
    }

    /** The sink, or the other half of the connection, has met the end of it all. */
    fun lost(cause: IOException): Unit = lose(cause, cause, isAbort = false)

    private fun overLimit(length: Long) =
        WriteLimitException(
            "$length bytes and the $held that the stream${sink.info.toPeer()} still holds are more than the limit of $limit; " +
                "call drain() between writes, or raise the writeLimit",
        )

    private fun closedByThisSide() = StreamClosedException("the stream${sink.info.toPeer()} was closed by this side")

    /** Under the lock. Whether the caller is the flusher now and has the sink to itself; otherwise [data] was queued. */
    private fun accept(data: ByteBuffer): Boolean {
        held += data.remaining()
        accepted += data.remaining()
        if (flushing) {
            queue.append(data)
            return false
        }
        flushing = true
        return true
    }

    /** As the flusher: hands [data] to the sink without a copy, and queues what it does not take. */
    private fun writeThrough(data: ByteBuffer) {
        val before = data.position()
        losingOnFailure {
            do {
                val count = sink.offer(data)
            } while (count > 0 && data.hasRemaining())
        }
        val done =
            synchronized(lock) {
                settle(data.position() - before)
                if (data.hasRemaining() && failure == null) queue.prepend(data)
                data.bounds(data.limit(), data.limit())
                restIfNothingIsLeft()
            }
        if (!done) flushOrPump()
    }

    /** Under the lock. Whether the flusher may rest at once, which it then does. */
    private fun restIfNothingIsLeft(): Boolean {
        val nothing = queue.isEmpty && waiters.isEmpty && !closing && outputEnded == eofSent
        if (nothing) flushing = false
        return nothing
    }

    /** Changes the state, then flushes unless somebody does. */
    private inline fun <T> flushAfter(change: () -> T): T {
        val result: T
        val isFlusher =
            synchronized(lock) {
                result = change()
                !flushing.also { flushing = true }
            }
        if (isFlusher) flushOrPump()
        return result
    }

    private fun flushOrPump() {
        if (flush()) launchPump()
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
        synchronized(lock) {
            pump = self
            queue.head
        }

    /** As the flusher: the whole of [file], which waits for the disk as well as for room. */
    private suspend fun sendFrom(file: FileRegion) {
        while (synchronized(lock) { queue.head === file }) {
            if (!writeFrom(file)) sink.awaitWritable()
            waiters.resumeReached()
        }
    }

    private fun forget(self: Job) {
        // Another one may be at work by now.
        synchronized(lock) { if (pump === self) pump = null }
    }

    /** As the flusher: works until nothing is left and it rests; or, and then the result is true, until it has to wait. */
    private fun flush(): Boolean {
        while (true) {
            waiters.resumeReached()
            when (synchronized(lock) { beginNextStep() }) {
                Step.WRITE -> if (!writeFrom(writing!!)) return true
                Step.SEND_FILE -> return true
                Step.END_OUTPUT -> losingOnFailure { sink.writeEof() }
                Step.RELEASE -> return false.also { launchInBackground { release() } }
                Step.REST -> return false
            }
        }
    }

    private enum class Step { WRITE, SEND_FILE, END_OUTPUT, RELEASE, REST }

    /** What the flusher writes from, in [Step.WRITE]. */
    private var writing: WriteQueue.Entry? = null

    /** Under the lock. */
    private fun beginNextStep(): Step {
        writing = queue.head
        val step =
            when {
                failure != null -> Step.REST
                writing is FileRegion -> Step.SEND_FILE
                writing != null -> Step.WRITE
                outputEnded && !eofSent -> Step.END_OUTPUT
                closing -> Step.RELEASE
                else -> Step.REST
            }
        when (step) {
            Step.WRITE -> writing?.prepare()

            Step.END_OUTPUT -> eofSent = true

            // The pump's from here on, or the ending's: nobody else becomes the flusher.
            Step.SEND_FILE, Step.RELEASE -> Unit

            Step.REST -> flushing = false
        }
        return step
    }

    /** False if the sink is full. */
    private fun writeFrom(entry: WriteQueue.Entry): Boolean {
        var count = 0
        losingOnFailure { count = entry.writeTo(sink) }
        return synchronized(lock) {
            if (failure != null) return true
            if (entry is FileRegion) settled += count else settle(count)
            if (entry.isDone) {
                // A file that ended early settles what it did not have, too.
                if (entry is FileRegion) settled += entry.length - entry.sent
                queue.removeHead()
            }
            count > 0 || entry.isDone
        }
    }

    private fun settle(count: Int) {
        settled += count
        if (failure == null) held -= count
    }

    private suspend fun release() {
        losingOnFailure { ending.finish() }
        closed.complete()
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
    private fun settledWhileFlushing(): Long? = synchronized(lock) { settled.takeIf { failure == null && settled < accepted } }

    private fun giveUp() {
        val left = synchronized(lock) { accepted - settled }
        val what = "closing the stream${sink.info.toPeer()}"
        abort(CloseTimeoutException("$what: the peer took no byte for $closeTimeout, $left bytes were dropped"))
    }

    private suspend fun awaitSettledOrLost(target: Long) {
        if (synchronized(lock) { settledOrLost() < target }) waiters.await(target)
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
        synchronized(lock) {
            if (failure != null || closed.isCompleted) return
            failure = cause
            closeFailure = report
            queue.clear()
            held = 0
            closing = closing || isAbort
            abandons = closing
            running = pump
        }
        if (isAbort) ending.endInput()
        running?.cancel()
        if (abandons) abandonSink(cause)
        waiters.resumeReached()
        closed.complete()
    }

    private fun abandonSink(why: IOException) {
        try {
            ending.abort()
        } catch (e: Throwable) {
            // Also a bug in it: nobody may be left waiting.
            why.addSuppressed(e)
        }
    }

    private fun launchInBackground(work: suspend () -> Unit): Job =
        CoroutineScope(background).launch(start = CoroutineStart.UNDISPATCHED) { work() }

    /** For the writer's own description. */
    fun state(): List<String> =
        synchronized(lock) {
            listOfNotNull(
                "pending=$held",
                "ended".takeIf { outputEnded },
                failure?.let { "failed: $it" },
                "closing".takeIf { closing && !closed.isCompleted },
                "closed".takeIf { closed.isCompleted },
            )
        }
}
