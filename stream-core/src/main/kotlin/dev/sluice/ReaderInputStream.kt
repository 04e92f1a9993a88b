package dev.sluice

import java.io.InputStream
import java.nio.ByteBuffer

/** A reader for blocking callers: their thread, virtual or not, waits where a coroutine would suspend. */
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
        return blocking { reader.read(ByteBuffer.wrap(into, offset, length)) }
    }

    override fun skip(n: Long): Long = if (n <= 0) 0 else blocking { reader.skip(n) }

    override fun available(): Int = reader.buffered

    override fun close(): Unit = reader.close()
}
