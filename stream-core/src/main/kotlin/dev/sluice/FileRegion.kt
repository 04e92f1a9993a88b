package dev.sluice

import dev.sluice.transport.ByteSink
import dev.sluice.transport.LoopTransport
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.FileChannel

/**
 * A part of a file in a [WriteQueue]: when its turn comes and the sink has room, the sink takes it from the file itself or, if
 * it doesn't know how to, from a buffer that is filled piece by piece.
 *
 * A file that turns out shorter than it was ends early. One that can't be read ends early too, and [failure] says why: that
 * concerns whoever sent it, the stream goes on. An abort may close the file under the flusher's hands, which is such a case.
 */
internal class FileRegion(
    private val file: FileChannel,
    offset: Long,
    val length: Long,
) : WriteQueue.Entry {
    private var position = offset
    private val end = offset + length
    private var piece: ByteBuffer? = null
    private var mayTransfer = true

    /** How many bytes the sink took. */
    @Volatile
    var sent: Long = 0
        private set

    @Volatile
    var failure: IOException? = null
        private set

    /** Whether the sink took everything that there is. */
    @Volatile
    var isDone: Boolean = length == 0L
        private set

    /** Hands bytes to [sink]; how many, 0 if it takes none now. */
    fun writeTo(sink: ByteSink): Int {
        if (mayTransfer && sink is LoopTransport) {
            val count = transferTo(sink)
            if (count >= 0) return count
            mayTransfer = false
        }
        val bytes = piece?.takeIf { it.hasRemaining() } ?: nextPiece() ?: return 0
        val count = sink.offer(bytes)
        sent += count
        isDone = !bytes.hasRemaining() && position == end
        return count
    }

    /** -1 for a failure that may be the file's: reading it tells. */
    private fun transferTo(sink: LoopTransport): Int =
        try {
            val count = sink.tryTransfer(file, position, minOf(end - position, TRANSFER_SIZE)).toInt()
            position += count
            sent += count
            isDone = position == end || (count == 0 && file.size() <= position)
            count
        } catch (e: ConnectionResetException) {
            throw e
        } catch (e: StreamClosedException) {
            throw e
        } catch (_: IOException) {
            -1
        }

    private fun nextPiece(): ByteBuffer? {
        val bytes = piece ?: ByteBuffer.allocate(READ_SIZE).also { piece = it }
        bytes.bounds(0, minOf(bytes.capacity().toLong(), end - position).toInt())
        val count =
            try {
                file.read(bytes, position)
            } catch (e: IOException) {
                failure = e
                -1
            }
        if (count <= 0) {
            isDone = true
            bytes.bounds(0, 0)
            return null
        }
        position += count
        return bytes.bounds(0, count)
    }

    /** Never throws: it comes where a stream ends, and others wait for that. */
    override fun dispose(isInUse: Boolean) {
        try {
            file.close()
        } catch (e: IOException) {
            failure = failure ?: e
        }
    }

    private companion object {
        /** After so many bytes at once those who wait, and the clock of a close, hear of it. */
        const val TRANSFER_SIZE = 1024L * 1024
    }
}
