package dev.sluice

import dev.sluice.transport.ByteSink
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.FileChannel

/**
 * A part of a file in a [WriteQueue]: read piece by piece when its turn comes and the sink has room.
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

    /** How many bytes the sink took. */
    @Volatile
    var sent: Long = 0
        private set

    @Volatile
    var failure: IOException? = null
        private set

    @Volatile
    override var isDone: Boolean = length == 0L
        private set

    override fun prepare(): Unit = Unit

    override fun writeTo(sink: ByteSink): Int {
        val bytes = piece?.takeIf { it.hasRemaining() } ?: nextPiece() ?: return 0
        val count = sink.offer(bytes)
        sent += count
        isDone = !bytes.hasRemaining() && position == end
        return count
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
    override fun dispose() {
        try {
            file.close()
        } catch (e: IOException) {
            failure = failure ?: e
        }
    }
}
