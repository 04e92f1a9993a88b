@file:NotOnAndroid

package dev.sluice.process.pipes

import dev.sluice.NotOnAndroid
import dev.sluice.READ_SIZE
import dev.sluice.StreamClosedException
import dev.sluice.WaitSlot
import dev.sluice.advance
import dev.sluice.bounds
import dev.sluice.forCaller
import dev.sluice.wake
import java.io.IOException
import java.io.InputStream
import java.nio.ByteBuffer
import java.util.concurrent.Executor

/**
 * An output of a child that a thread reads, one buffer ahead at most; while that is full there is no thread. One that reads can be neither
 * interrupted nor closed away: it is left alone, and goes with the next bytes, or when the pipe ends.
 *
 * @param name as `the stdout of cat (pid 17)`
 */
internal class PumpedOutput(
    private val pipe: InputStream,
    private val pumps: Executor,
    private val name: String,
) : ChildOutput {
    private val lock = Any()
    private val reader = WaitSlot(lock, "reading from $name")
    private val bytes: ByteBuffer = ByteBuffer.allocate(READ_SIZE).bounds(0, 0)
    private var ended = false

    /** The child has ended, and what it wrote has been read for long. */
    private var surelyRead = false
    private var isNews = false
    private var failure: IOException? = null
    private var closed = false

    init {
        pumps.execute(::pump)
    }

    private fun pump() {
        var failed: IOException? = null
        val count =
            try {
                pipe.read(bytes.array())
            } catch (e: IOException) {
                failed = e
                0
            }
        val waiting =
            synchronized(lock) {
                when {
                    failed != null -> failure = failed
                    count < 0 -> ended = true
                    else -> bytes.bounds(0, count)
                }
                reader.take()
            }
        waiting.wake()
    }

    override fun tryRead(into: ByteBuffer): Int =
        synchronized(lock) {
            when {
                closed -> throw closedByThisSide()
                !into.hasRemaining() -> 0
                bytes.hasRemaining() -> take(into)
                failure != null -> throw failure!!.forCaller()
                ended -> -1
                else -> 0
            }
        }

    private fun take(into: ByteBuffer): Int {
        val count = minOf(bytes.remaining(), into.remaining())
        into.put(bytes.array(), bytes.position(), count)
        bytes.advance(count)
        if (!bytes.hasRemaining() && !ended) pumps.execute(::pump)
        return count
    }

    override suspend fun awaitReadable(): Unit =
        reader.await({
            if (closed) throw closedByThisSide()
            bytes.hasRemaining() || ended || failure != null || isNews.also { isNews = false }
        })

    override fun childEnded(): Unit =
        whenSurelyRead {
            surelyRead = true
            isNews = true
        }

    override fun isSettled(): Boolean = synchronized(lock) { ended || (surelyRead && !bytes.hasRemaining()) }

    override fun endNow(): Unit = whenSurelyRead { ended = true }

    /** Whether there is something in the pipe can't be asked while the thread is reading from it. If there is, it reads that soon. */
    private inline fun whenSurelyRead(crossinline change: () -> Unit) {
        pumps.execute {
            Thread.sleep(GRACE_MILLIS)
            wakeAfter(change)
            if (synchronized(lock) { ended }) closePipe()
        }
    }

    override fun close() {
        wakeAfter {
            if (closed) return
            closed = true
        }
        // It may block until the thread is out of its read.
        pumps.execute(::closePipe)
    }

    private fun closePipe() {
        try {
            pipe.close()
        } catch (_: IOException) {
            // Of a pipe that is given up there is nothing to be told.
        }
    }

    private inline fun wakeAfter(change: () -> Unit) {
        synchronized(lock) {
            change()
            reader.take()
        }.wake()
    }

    private fun closedByThisSide() = StreamClosedException("$name was closed by this side")

    private companion object {
        const val GRACE_MILLIS = 200L
    }
}
