@file:NotOnAndroid

package dev.sluice.process.pipes

import dev.sluice.NotOnAndroid
import dev.sluice.READ_SIZE
import dev.sluice.StreamClosedException
import dev.sluice.advance
import dev.sluice.bounds
import dev.sluice.forCaller
import dev.sluice.WaitSlot
import dev.sluice.wake
import java.io.IOException
import java.io.InputStream
import java.nio.ByteBuffer
import java.util.concurrent.Executor
import java.util.concurrent.Semaphore

/**
 * An output of a child that a thread reads, one buffer ahead at most. The thread can be neither interrupted nor closed away: it is left
 * alone, and goes when the pipe ends.
 *
 * @param name as `the stdout of cat (pid 17)`
 */
internal class PumpedOutput(
    private val pipe: InputStream,
    private val pumps: Executor,
    private val name: String,
) : ChildOutput {
    private val lock = Any()

    /** For the thread: the buffer is empty. */
    private val room = Semaphore(1)
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

    /** With the stream's monitor: without it, the JDK drops at the child's end what a grandchild has still to say. */
    private fun pump() {
        synchronized(pipe) {
            do {
                room.acquireUninterruptibly()
            } while (pumpOnce())
        }
    }

    private fun pumpOnce(): Boolean {
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
                if (count < 0 || closed) ended = true else bytes.bounds(0, count)
                failure = failed
                reader.take()
            }
        waiting.wake()
        return count > 0 && !closed
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
        if (!bytes.hasRemaining()) room.release()
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

    override fun isSettled(): Boolean = synchronized(lock) { ended || surelyRead && !bytes.hasRemaining() }

    override fun endNow(): Unit = whenSurelyRead { ended = true }

    /** Whether there is something in the pipe can't be asked while the thread is reading from it. If there is, it reads that soon. */
    private inline fun whenSurelyRead(crossinline change: () -> Unit) {
        pumps.execute {
            Thread.sleep(GRACE_MILLIS)
            wakeAfter(change)
        }
    }

    override fun close() {
        wakeAfter {
            if (closed) return
            closed = true
            room.release()
        }
        // It tells the child only when the thread is out of its read, and may block until then.
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
