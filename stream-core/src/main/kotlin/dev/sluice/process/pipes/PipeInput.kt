@file:NotOnAndroid

package dev.sluice.process.pipes

import dev.sluice.ConnectionResetException
import dev.sluice.NotOnAndroid
import dev.sluice.StreamClosedException
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.Pipe
import java.nio.channels.SelectionKey.OP_WRITE

/**
 * The near end of a pipe that a child reads from. To end the output is to close it.
 *
 * @param name as `the stdin of cat (pid 17)`
 */
@NotOnAndroid
internal class PipeInput(
    private val channel: Pipe.SinkChannel,
    private val loop: PipeLoop,
    private val name: String,
) : ChildInput {
    private val writable = PipeWait(channel, OP_WRITE, loop)
    private val persistence = Persistence(loop)
    private var outputEnded = false
    private var closed = false

    /** What has become of the process, after that. */
    private var broken: String? = null

    override val canWriteEof: Boolean get() = true

    @Synchronized
    override fun tryWrite(from: ByteBuffer): Int {
        checkUsable()
        if (outputEnded) throw StreamClosedException("$name was ended by this side")
        try {
            return persistence.persist { channel.write(from) }
        } catch (e: IOException) {
            breakBy("does not read any more")
            throw brokenPipe(e)
        }
    }

    override suspend fun awaitWritable() {
        writable.await(::isDone)
        if (synchronized(this) { closed }) throw closedByThisSide()
    }

    @Synchronized
    private fun isDone() = closed || broken != null

    @Synchronized
    override fun writeEof() {
        if (outputEnded) return
        checkUsable()
        outputEnded = true
        release()
    }

    override fun childEnded() {
        synchronized(this) {
            if (!closed && !outputEnded && broken == null) breakBy("has ended")
        }
        writable.ready()
    }

    override fun close() {
        synchronized(this) {
            if (closed) return
            closed = true
            release()
        }
        writable.ready()
    }

    private fun checkUsable() {
        if (closed) throw closedByThisSide()
        if (broken != null) throw brokenPipe(null)
    }

    private fun breakBy(fate: String) {
        broken = fate
        release()
    }

    private fun brokenPipe(cause: IOException?) = ConnectionResetException("$name is closed: the process $broken", cause)

    private fun release() {
        try {
            channel.close()
        } catch (_: IOException) {
            // Of a pipe that is given up there is nothing to be told.
        }
        loop.releaseClosed()
    }

    private fun closedByThisSide() = StreamClosedException("$name was closed by this side")
}
