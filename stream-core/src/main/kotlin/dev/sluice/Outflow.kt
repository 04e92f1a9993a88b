package dev.sluice

import dev.sluice.transport.ByteSink
import dev.sluice.transport.LoopTransport
import dev.sluice.transport.Transport
import java.nio.ByteBuffer
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration

/**
 * What gets into a writer, and when it leaves.
 *
 * Mostly that is at once. On the thread of a loop that drives the sink a small write only adds to the queue, and its bytes leave
 * together with those of the next ones: with the next step that flushes, a drain or a larger write, or when the loop's turn
 * ends. Bytes in the queue while nobody is flushing are always such.
 */
internal class Outflow(
    sink: ByteSink,
    val limit: Int,
    reader: StreamReader?,
    closeTimeout: Duration,
    background: CoroutineContext,
) : EndingFlusher(sink, reader, closeTimeout, background),
    Runnable {
    private var loop = sink as? LoopTransport
    private var isScheduled = false

    /** Whose writes may go over the limit. */
    @Volatile
    private var exceeder: Thread? = null

    init {
        loop?.whenLost(this)
    }

    /** Bytes in memory that the sink has not taken. */
    val pending: Long get() = synchronized(this) { held }
    val isInLoop: Boolean get() = loop?.isInLoop ?: ((sink as? WriterSink)?.isInLoop == true)

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
        val first =
            synchronized(this) {
                checkOpen()
                val count = minOf(data.remaining().toLong(), limit - held).toInt()
                data.bounds(data.position(), data.position() + count)
                target = accepted + count
                if (count > 0) accept(data) else null
            }
        if (first != null) flushOrPump(first)
        data.bounds(data.limit(), data.limit())
        return target
    }

    /** Has what [write] writes on this thread get in whole, whatever the limit. By one thread at a time. */
    inline fun exceeding(write: () -> Unit) {
        val before = exceeder
        exceeder = Thread.currentThread()
        try {
            write()
        } finally {
            exceeder = before
        }
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
        val first =
            synchronized(this) {
                failure?.let { throw it.forCaller() }
                if (closing) throw closedByThisSide()
                if (settled == accepted) return 0
                target = accepted
                becomeFlusherOfDeferred()
            }
        val isSettled = (first != null && flushOrPump(first)) || isSettled(target)
        return if (isSettled) 0 else target
    }

    fun endOutput() {
        flushAfter { if (!closing && failure == null) outputEnded = true }
    }

    /**
     * Waits until everything is with the sink, which from then on is the caller's, until [resumeOn] or [closeLost].
     *
     * @throws java.io.IOException the stream was closed or lost before that; it is as it was
     */
    suspend fun pause() {
        drainTarget()
        pauseFlush(::checkOpen)
    }

    /** After [pause]: goes on, with [next] in the place of the sink. */
    fun resumeOn(next: ByteSink) {
        loop = next as? LoopTransport
        resumeFlush(next)
    }

    override fun watchForLeak(transport: Transport): LeakWatch.Leak? = super.watchForLeak(transport)?.also { loop?.whenLost(it) }

    /** Those who wait are not to be forgotten: the loop holds on to this. */
    override suspend fun awaitClosed() {
        loop?.whenLost(this)
        super.awaitClosed()
    }

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
        if (held + length > limit && exceeder !== Thread.currentThread()) throw overLimit(length)
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
        val loop = loop
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
        synchronized(this) { becomeFlusherOfDeferred() }?.let(::flushOrPump)
    }

    /** Under the lock. */
    private fun becomeFlusherOfDeferred(): Step? = if (queue.isEmpty) null else becomeFlusher()

    private fun writeNow(data: ByteBuffer) {
        makeRoom(data.remaining().toLong())
        val first =
            synchronized(this) {
                checkOpen()
                checkRoom(data.remaining().toLong())
                if (!data.hasRemaining()) return
                accept(data)
            }
        if (first != null) flushOrPump(first)
        data.bounds(data.limit(), data.limit())
    }

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
