package dev.sluice.testing

import dev.sluice.ConnectionResetException
import dev.sluice.StreamClosedException
import dev.sluice.WaitSlot
import dev.sluice.wake
import kotlinx.coroutines.CancellableContinuation
import java.nio.ByteBuffer

/**
 * One direction of an in-memory connection: bytes go in at one end, held by one transport, and come out at the other, held by
 * its peer.
 *
 * Each end is open until its own side ends it, in one of the ways of [End]; what the other side then sees is what TCP shows
 * on Linux. A wait throws what the call that it waits for would throw.
 *
 * All state is guarded by [lock]; waiters are resumed outside of it.
 *
 * @param lockstep whether bytes are taken only while the reading side waits for some, and none after them until it has read
 *   these and waits again
 */
internal class MemoryPipe(
    capacity: Int,
    private val sizes: ChunkSizes,
    private val lockstep: Boolean = false,
) {
    private enum class End { OPEN, CLOSED, ABORTED }

    private val lock = Any()
    private val bytes = ByteRing(capacity)
    private val reading = WaitSlot(lock, "waiting to read")
    private val writing = WaitSlot(lock, "waiting to write")
    private var input = End.OPEN
    private var output = End.OPEN

    /** Whether the end of the stream was announced. It then stays an orderly one, whatever becomes of the [output]. */
    private var ended = false

    /** Whether a write met the closed [input]: from then on the output has failed. */
    private var refused = false

    fun tryRead(into: ByteBuffer): Int {
        val waiter: CancellableContinuation<Unit>?
        val count: Int
        synchronized(lock) {
            if (!canRead()) return 0
            if (bytes.isEmpty) return END_OF_STREAM
            if (!into.hasRemaining()) return 0
            count = bytes.take(into, sizes.next())
            waiter = if (room() > 0) writing.take() else null
        }
        waiter.wake()
        return count
    }

    suspend fun awaitReadable() {
        reading.await(::canRead, onWait = ::wakeWriterInLockstep)
    }

    fun tryWrite(from: ByteBuffer): Int {
        val waiter: CancellableContinuation<Unit>?
        val count: Int
        synchronized(lock) {
            canWrite()
            count = if (room() > 0) bytes.put(from) else 0
            waiter = if (count > 0) reading.take() else null
        }
        waiter.wake()
        return count
    }

    suspend fun awaitWritable() {
        writing.await(::canWrite)
    }

    /** The writing side ends the stream: what is in the pipe can still be read, and then the end. */
    fun writeEof() {
        val waiter: CancellableContinuation<Unit>?
        synchronized(lock) {
            checkOutputOpen()
            if (ended) return
            if (refused || input == End.ABORTED) throw resetByPeer()
            ended = true
            waiter = reading.take()
        }
        waiter.wake()
    }

    /** The writing side goes away. Like [writeEof] for the reader; with [abort] it sees a reset after the bytes. */
    fun closeOutput(abort: Boolean) {
        val own: CancellableContinuation<Unit>?
        val peers: CancellableContinuation<Unit>?
        synchronized(lock) {
            if (output != End.OPEN) return
            output = if (abort) End.ABORTED else End.CLOSED
            if (!abort) ended = true
            own = writing.take()
            peers = reading.take()
        }
        own.wake()
        peers.wake()
    }

    /** The reading side goes away: what is in the pipe is dropped, and what is written later is refused. */
    fun closeInput(abort: Boolean) {
        val own: CancellableContinuation<Unit>?
        val peers: CancellableContinuation<Unit>?
        synchronized(lock) {
            if (input != End.OPEN) return
            input = if (abort) End.ABORTED else End.CLOSED
            bytes.clear()
            own = reading.take()
            peers = writing.take()
        }
        own.wake()
        peers.wake()
    }

    /** Whether there are bytes or the end; throws what a read has to report. */
    private fun canRead(): Boolean {
        if (input != End.OPEN) throw StreamClosedException("the in-memory stream was closed by this side")
        if (!bytes.isEmpty || ended) return true
        if (output == End.ABORTED) throw resetByPeer()
        return false
    }

    /** Whether there is room; throws what a write has to report. */
    private fun canWrite(): Boolean {
        checkOutputOpen()
        if (ended) throw StreamClosedException("the output was ended by writeEof()")
        if (input != End.OPEN) {
            refused = true
            throw resetByPeer()
        }
        return room() > 0
    }

    private fun checkOutputOpen() {
        if (output != End.OPEN) throw StreamClosedException("the in-memory stream was closed by this side")
    }

    private fun room(): Int =
        when {
            !lockstep -> bytes.room
            bytes.isEmpty && reading.isTaken -> bytes.room
            else -> 0
        }

    private fun wakeWriterInLockstep() {
        if (!lockstep) return
        val waiter = synchronized(lock) { if (room() > 0) writing.take() else null }
        waiter.wake()
    }

    private fun resetByPeer() = ConnectionResetException("the in-memory connection was closed or aborted by its peer")

    private companion object {
        const val END_OF_STREAM = -1
    }
}
