package dev.sluice

import dev.sluice.transport.ByteSource
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.suspendCancellableCoroutine
import java.io.IOException
import java.nio.ByteBuffer
import kotlin.coroutines.resume

/**
 * A source for bytes that are pushed: by a callback, a listener, a test.
 *
 * ```kotlin
 * val feed = StreamFeed()
 * device.onBytes { feed.feed(it) }
 * device.onEnd { feed.feedEof() }
 * val reader = StreamReader(feed)
 * ```
 * Feeding never waits and never refuses, so **there is no bound**: a producer that can pause should do so while [pending] is
 * high (asyncio pauses above twice the reader's limit and resumes at the limit).
 *
 * Any thread may feed.
 */
public class StreamFeed : ByteSource {
    private val lock = Any()
    private val chunks = ArrayDeque<ByteBuffer>()
    private var waiter: CancellableContinuation<Unit>? = null
    private var ended = false
    private var failure: IOException? = null
    private var closed = false
    private var bytes = 0L

    /** How many bytes were fed and not yet read from this feed. */
    public val pending: Long get() = synchronized(lock) { bytes }

    /**
     * Adds a copy of [data]. After [fail] or [close] it is dropped.
     *
     * @throws IllegalStateException after [feedEof]
     */
    public fun feed(data: ByteArray) {
        wakeAfter {
            check(!ended) { "feed() after feedEof()" }
            if (data.isNotEmpty() && failure == null && !closed) {
                chunks.addLast(ByteBuffer.wrap(data.copyOf()))
                bytes += data.size
            }
        }
    }

    /** Ends the stream after what was fed. Calling it again does nothing. */
    public fun feedEof() {
        wakeAfter { if (failure == null) ended = true }
    }

    /**
     * Lets the reader fail with [cause] once it has what was fed before. Only the first end counts: after [feedEof] or another
     * failure this does nothing.
     */
    public fun fail(cause: Throwable) {
        wakeAfter { if (failure == null && !ended) failure = cause as? IOException ?: IOException(cause.toString(), cause) }
    }

    override fun tryRead(into: ByteBuffer): Int =
        synchronized(lock) {
            when {
                closed -> throw closedFeed()
                chunks.isNotEmpty() -> moveTo(into)
                failure != null -> throw failure!!.forCaller()
                ended -> -1
                else -> 0
            }
        }

    private fun moveTo(into: ByteBuffer): Int {
        val before = into.remaining()
        while (chunks.isNotEmpty() && into.hasRemaining()) {
            val chunk = chunks.first()
            val count = minOf(chunk.remaining(), into.remaining())
            into.put(chunk.array(), chunk.position(), count)
            chunk.advance(count)
            if (!chunk.hasRemaining()) chunks.removeFirst()
        }
        val moved = before - into.remaining()
        bytes -= moved
        return moved
    }

    override suspend fun awaitReadable() {
        suspendCancellableCoroutine { continuation ->
            val ready =
                synchronized(lock) {
                    check(waiter == null) { "somebody is waiting for this feed already" }
                    val ready = chunks.isNotEmpty() || ended || failure != null || closed
                    if (!ready) waiter = continuation
                    ready
                }
            if (ready) {
                continuation.resume(Unit)
            } else {
                continuation.invokeOnCancellation { forget(continuation) }
            }
        }
        if (synchronized(lock) { closed }) throw closedFeed()
    }

    private fun forget(continuation: CancellableContinuation<Unit>) {
        synchronized(lock) { if (waiter === continuation) waiter = null }
    }

    /** Ends the reading; bytes that were not read are dropped, and so are later ones. */
    override fun close() {
        wakeAfter {
            closed = true
            chunks.clear()
            bytes = 0
        }
    }

    private inline fun wakeAfter(change: () -> Unit) {
        val woken =
            synchronized(lock) {
                change()
                waiter.takeIf { chunks.isNotEmpty() || ended || failure != null || closed }?.also { waiter = null }
            }
        // Outside the lock: it may run the reader's code in place.
        woken?.resume(Unit)
    }

    override fun toString(): String =
        synchronized(lock) {
            "StreamFeed(pending=$bytes, ended=$ended, failure=$failure, closed=$closed)"
        }

    private fun closedFeed() = StreamClosedException("the feed was closed by its reader")
}
