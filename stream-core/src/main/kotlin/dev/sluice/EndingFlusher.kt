package dev.sluice

import dev.sluice.transport.ByteSink
import dev.sluice.transport.ClosesLater
import dev.sluice.transport.LossListener
import dev.sluice.transport.Transport
import kotlinx.coroutines.CompletableJob
import kotlinx.coroutines.Job
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.withTimeoutOrNull
import java.io.IOException
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration

/**
 * How writing ends.
 *
 * Of [failure] there is one: the first loss or abort. It drops the queue and ends every wait. An orderly close lets the flusher
 * empty the queue and then release the sink, and the peer has [closeTimeout] for each step of that.
 *
 * A sink that was lost stays with the stream until somebody closes that.
 */
internal abstract class EndingFlusher(
    sink: ByteSink,
    val reader: StreamReader?,
    private val closeTimeout: Duration,
    background: CoroutineContext,
) : Flusher(sink, background),
    LossListener {
    /** What [awaitClosed] throws. A plain abort fails a drain, and is an orderly end for those who await it. */
    private var closeFailure: IOException? = null

    /** Whether there is nothing to wait for: the sink is released, or it was lost and nobody has closed the stream yet. */
    protected var closed = false
        private set

    /** As long as nobody has closed this. */
    private var leak: LeakWatch.Leak? = null

    /** For those who wait for [closed]. */
    private var closedSignal: CompletableJob? = null

    /** Whether it was closed, and not lost or aborted meanwhile. */
    val isClosedInOrder: Boolean get() = synchronized(this) { closing && failure == null }
    val isClosed: Boolean get() = synchronized(this) { closed }
    val isClosing: Boolean get() = synchronized(this) { closing || failure != null }

    /** Has somebody hear if this is lost without having been closed. */
    open fun watchForLeak(transport: Transport): LeakWatch.Leak? = LeakWatch.watch(this, transport).also { leak = it }

    fun close() {
        leak?.forget()
        val lost =
            synchronized(this) {
                if (closing) return
                closing = true
                failure?.also { closed = false }
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

    open suspend fun awaitClosed() {
        currentCoroutineContext().ensureActive()
        synchronized(this) { if (closed) null else closedSignal ?: Job().also { closedSignal = it } }?.join()
        synchronized(this) { closeFailure }?.let { throw it.assertion() ?: it.forCaller() }
    }

    /** The sink, or the other half of the connection, has met the end of it all. */
    override fun lost(cause: IOException): Unit = lose(cause, cause, isAbort = false)

    private fun lose(
        cause: IOException,
        report: IOException?,
        isAbort: Boolean,
    ) {
        val abandons: Boolean
        val ended: CompletableJob?
        synchronized(this) {
            if (failure != null || closed) return
            failure = cause
            closeFailure = report
            dropQueue()
            closing = closing || isAbort
            abandons = closing
            ended = if (abandons) null else markClosed()
        }
        if (isAbort) reader?.shut()
        cancelPump()
        if (abandons) abandonSink(cause)
        resumeWaiters()
        ended?.complete()
    }

    /**
     * The sink was lost to whoever had it during an upgrade, and is closed already.
     *
     * @param report what [awaitClosed] throws; without one it is [cause], if what was written is lost by it
     */
    fun closeLost(
        cause: IOException,
        report: IOException?,
    ) {
        leak?.forget()
        synchronized(this) {
            if (failure != null) return
            failure = cause
            closeFailure = report ?: cause.takeIf { settled < accepted }
            dropQueue()
        }
        resumeWaiters()
        completeWhenReleased()
    }

    override suspend fun release() {
        val sink = sink
        losingOnFailure {
            sink.close()
            if (sink is ClosesLater) {
                if (!isInTime(sink::awaitDelivered)) return giveUp("the peer did not take the last bytes within $closeTimeout")
                sink.awaitReleased()
            }
            complete()
        }
    }

    /** A timer without an end would be what virtual time jumps to when nothing else is to come. */
    private suspend fun isInTime(work: suspend () -> Unit): Boolean =
        if (closeTimeout.isInfinite()) {
            work()
            true
        } else {
            withTimeoutOrNull(closeTimeout) { work() } != null
        }

    private fun abandonSink(why: IOException) {
        val sink = sink
        try {
            when (sink) {
                is Transport -> sink.abort()
                is WriterSink -> sink.abort(why)
                else -> sink.close()
            }
        } catch (e: Throwable) {
            // Also a bug in it: nobody may be left waiting.
            why.addSuppressed(e)
            return complete()
        }
        completeWhenReleased()
    }

    private fun completeWhenReleased() {
        val sink = sink
        if (sink is ClosesLater) launchInBackground { completeAfterRelease(sink) } else complete()
    }

    private suspend fun completeAfterRelease(sink: ClosesLater) {
        try {
            sink.awaitReleased()
        } catch (_: IOException) {
            // How a sink ended that was given up says less than why it was.
        } finally {
            complete()
        }
    }

    private fun complete() {
        synchronized(this) { markClosed() }?.complete()
    }

    /** Under the lock. Who is to be told. */
    private fun markClosed(): CompletableJob? {
        closed = true
        return closedSignal.also { closedSignal = null }
    }

    /** After [close]: in each [closeTimeout] the peer has to take something. */
    private fun boundFlush() {
        launchInBackground {
            var before = settledWhileFlushing()
            while (before != null) {
                val next = before + 1
                withTimeoutOrNull(closeTimeout) { awaitSettledOrLost(next) }
                val after = settledWhileFlushing()
                if (after == before) {
                    val left = synchronized(this) { accepted - settled }
                    return@launchInBackground giveUp("the peer took no byte for $closeTimeout, $left bytes were dropped")
                }
                before = after
            }
        }
    }

    /** How far the flush is; null when it is over. */
    private fun settledWhileFlushing(): Long? = synchronized(this) { settled.takeIf { failure == null && settled < accepted } }

    /** What a sink for tests has found wrong: it is to fail the test, which it would not as a cause. */
    private fun IOException.assertion() = cause.takeIf { javaClass == IOException::class.java } as? AssertionError

    private fun giveUp(why: String): Unit = abort(CloseTimeoutException("closing the stream${sink.info.toPeer()}: $why"))
}
