package dev.sluice

import java.io.InputStream
import java.nio.ByteBuffer

/**
 * A reader for blocking callers: their thread, virtual or not, waits where a coroutine would suspend. The thread of an event loop
 * gets what is there.
 */
internal class ReaderInputStream(
    private val reader: StreamReader,
) : InputStream() {
    override fun read(): Int {
        val single = ByteArray(1)
        return if (read(single, 0, 1) < 0) -1 else single[0].toInt() and 0xFF
    }

    override fun read(
        into: ByteArray,
        offset: Int,
        length: Int,
    ): Int {
        checkBounds(into, offset, length)
        if (length == 0) return 0
        val buffered = reader.readBuffered(into, offset, length)
        if (buffered > 0) return buffered
        if (reader.isInLoop) return now(reader.readNow(into, offset, length))
        val direct = length >= DIRECT_SIZE
        return blocking {
            if (direct) reader.read(ByteBuffer.wrap(into, offset, length)) else readThroughBuffer(into, offset, length)
        }
    }

    /** Lets the reader take more than is asked for: a byte at a time would cost a read of the source each. */
    private suspend fun readThroughBuffer(
        into: ByteArray,
        offset: Int,
        length: Int,
    ): Int {
        val bytes = reader.read(length)
        bytes.copyInto(into, offset)
        return if (bytes.isEmpty()) -1 else bytes.size
    }

    override fun skip(n: Long): Long =
        when {
            n <= 0 -> 0
            reader.isInLoop -> now(reader.skipNow(n)).coerceAtLeast(0).toLong()
            else -> blocking { reader.skip(n) }
        }

    private fun now(count: Int): Int = if (count == 0) refuseToBlock("functions of the reader") else count

    override fun available(): Int = reader.buffered

    override fun close(): Unit = reader.close()

    private companion object {
        /** From this size on bytes go from the source straight to the caller. */
        const val DIRECT_SIZE = 1024
    }
}
