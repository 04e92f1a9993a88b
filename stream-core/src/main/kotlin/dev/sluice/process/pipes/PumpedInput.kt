@file:NotOnAndroid

package dev.sluice.process.pipes

import dev.sluice.ConnectionResetException
import dev.sluice.NotOnAndroid
import dev.sluice.READ_SIZE
import dev.sluice.StreamClosedException
import dev.sluice.WaitSlot
import dev.sluice.bounds
import dev.sluice.forCaller
import dev.sluice.transport.BufferingSink
import dev.sluice.wake
import java.io.IOException
import java.io.OutputStream
import java.nio.ByteBuffer
import java.util.concurrent.Executor

/**
 * The input of a child, written by a thread, a buffer at a time. The thread is there while there is something to write.
 *
 * @param name as `the stdin of cat (pid 17)`
 */
internal class PumpedInput(
    private val pipe: OutputStream,
    private val pumps: Executor,
    private val name: String,
) : ChildInput,
    BufferingSink {
    private val lock = Any()
    private val writer = WaitSlot(lock, "writing to $name")

    /** What the thread has to write. */
    private val bytes: ByteBuffer = ByteBuffer.allocate(READ_SIZE).bounds(0, 0)
    private var isPumping = false
    private var outputEnded = false
    private var endSent = false
    private var closed = false
    private var failure: ConnectionResetException? = null

    override val canWriteEof: Boolean get() = true

    override fun tryWrite(from: ByteBuffer): Int =
        synchronized(lock) {
            checkUsable()
            if (outputEnded) throw StreamClosedException("$name was ended by this side")
            if (isPumping) return 0
            val count = minOf(from.remaining(), bytes.capacity())
            if (count == 0) return 0
            bytes.bounds(0, count)
            from.get(bytes.array(), 0, count)
            startPump()
            count
        }

    override fun isFlushed(): Boolean =
        synchronized(lock) {
            failure?.let { throw it.forCaller() }
            !isPumping
        }

    override suspend fun awaitWritable(): Unit =
        writer.await({
            if (closed) throw closedByThisSide()
            !isPumping || failure != null
        })

    override fun writeEof() {
        synchronized(lock) {
            if (outputEnded) return
            checkUsable()
            outputEnded = true
            if (!isPumping) startPump()
        }
    }

    /** Under the lock. */
    private fun startPump() {
        isPumping = true
        pumps.execute(::pump)
    }

    private fun pump() {
        try {
            while (true) {
                val count = synchronized(lock) { bytes.remaining() }
                if (count > 0) {
                    pipe.write(bytes.array(), 0, count)
                    pipe.flush()
                }
                if (isDone()) return
            }
        } catch (e: IOException) {
            fail(ConnectionResetException("$name is closed: the process does not read any more", e))
            closeBroken()
        }
    }

    private fun closeBroken() {
        try {
            pipe.close()
        } catch (_: IOException) {
            // It tries to flush what it could not write before.
        }
    }

    private fun isDone(): Boolean {
        val ends =
            synchronized(lock) {
                bytes.bounds(0, 0)
                (outputEnded || closed) && !endSent.also { endSent = true }
            }
        if (ends) pipe.close()
        synchronized(lock) {
            if ((outputEnded || closed) && !endSent) return false
            isPumping = false
            writer.take()
        }.wake()
        return true
    }

    private fun fail(cause: ConnectionResetException) {
        synchronized(lock) {
            if (failure == null) failure = cause
            bytes.bounds(0, 0)
            isPumping = false
            writer.take()
        }.wake()
    }

    override fun childEnded() {
        if (synchronized(lock) { !closed && !endSent }) fail(ConnectionResetException("$name is closed: the process has ended"))
    }

    override fun close() {
        synchronized(lock) {
            if (closed) return
            closed = true
            if (!isPumping && !endSent && failure == null) startPump()
            writer.take()
        }.wake()
    }

    private fun checkUsable() {
        if (closed) throw closedByThisSide()
        failure?.let { throw it.forCaller() }
    }

    private fun closedByThisSide() = StreamClosedException("$name was closed by this side")
}
