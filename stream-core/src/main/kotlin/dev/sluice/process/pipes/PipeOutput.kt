@file:NotOnAndroid

package dev.sluice.process.pipes

import dev.sluice.NotOnAndroid
import dev.sluice.READ_SIZE
import dev.sluice.ReadBufferPool
import dev.sluice.StreamClosedException
import dev.sluice.bounds
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.Pipe
import java.nio.channels.SelectionKey.OP_READ

/**
 * The near end of a pipe that a child writes to.
 *
 * The descriptor is given back at the end of the stream, or when the child has ended and nothing else can write: also of a process that
 * nobody reads or closes.
 *
 * @param name as `the stdout of cat (pid 17)`
 */
@NotOnAndroid
internal class PipeOutput(
    private val channel: Pipe.SourceChannel,
    private val loop: PipeLoop,
    private val name: String,
) : ChildOutput {
    private val readable = PipeWait(channel, OP_READ, loop)
    private val persistence = Persistence(loop)

    /** What was taken aside when the child ended. */
    private var rest: ByteBuffer? = null
    private var ended = false

    private var childHasEnded = false

    /** That the child has ended is yet to be told to who waits. */
    private var isNews = false
    private var closed = false

    @Synchronized
    override fun tryRead(into: ByteBuffer): Int {
        if (closed) throw StreamClosedException("$name was closed by this side")
        if (!into.hasRemaining()) return 0
        return readRest(into) ?: if (ended) -1 else readPipe(into)
    }

    private fun readRest(into: ByteBuffer): Int? {
        val rest = rest ?: return null
        val count = minOf(rest.remaining(), into.remaining())
        into.put(rest.array(), rest.position(), count)
        rest.bounds(rest.position() + count, rest.limit())
        if (!rest.hasRemaining()) this.rest = null
        return count
    }

    private fun readPipe(into: ByteBuffer): Int {
        val end = into.limit()
        into.bounds(into.position(), into.position() + minOf(into.remaining(), READ_SIZE))
        try {
            return persistence.persist { channel.read(into) }.also { if (it < 0) end() }
        } finally {
            into.bounds(into.position(), end)
        }
    }

    override suspend fun awaitReadable() {
        readable.await(::isReadable)
        if (synchronized(this) { closed }) throw StreamClosedException("$name was closed by this side")
    }

    @Synchronized
    private fun isReadable() = closed || ended || rest != null || isNews.also { isNews = false }

    override fun childEnded() {
        takeAside()
        synchronized(this) {
            childHasEnded = true
            isNews = true
        }
        readable.ready()
    }

    @Synchronized
    override fun isSettled(): Boolean = ended || (childHasEnded && rest == null)

    override fun endNow() {
        takeAside()
        synchronized(this) { if (!closed && !ended) end() }
        readable.ready()
    }

    @Synchronized
    private fun takeAside() {
        if (closed || ended || rest != null) return
        val taken = ReadBufferPool.borrow()
        taken.bounds(0, taken.capacity())
        try {
            while (taken.hasRemaining()) {
                val count = channel.read(taken)
                if (count < 0) end()
                if (count <= 0) break
            }
        } catch (_: IOException) {
            // The reader meets it, too, after these bytes.
        }
        if (taken.position() > 0) rest = ByteBuffer.wrap(taken.array().copyOf(taken.position()))
        ReadBufferPool.giveBack(taken)
    }

    override fun close() {
        synchronized(this) {
            if (closed) return
            closed = true
            rest = null
            if (!ended) release()
        }
        readable.ready()
    }

    private fun end() {
        ended = true
        release()
    }

    private fun release() {
        try {
            channel.close()
        } catch (_: IOException) {
            // Of a pipe that is given up there is nothing to be told.
        }
        loop.releaseClosed()
    }
}
