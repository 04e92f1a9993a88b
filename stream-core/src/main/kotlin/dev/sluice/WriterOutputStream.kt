package dev.sluice

import java.io.InterruptedIOException
import java.io.OutputStream

/**
 * A writer for blocking callers. Each write waits until its bytes are with the OS: nothing piles up, and an error shows at the
 * write that met it.
 */
internal class WriterOutputStream(
    private val writer: StreamWriter,
) : OutputStream() {
    @Volatile
    private var closed = false

    override fun write(byte: Int): Unit = write(byteArrayOf(byte.toByte()), 0, 1)

    override fun write(
        data: ByteArray,
        offset: Int,
        length: Int,
    ) {
        checkBounds(data, offset, length)
        if (length == 0) return
        var written = 0
        try {
            do {
                // Others may fill the writer between two pieces, so the pieces follow what is accepted.
                written += writer.writeBlocking(data, offset + written, length - written)
            } while (written < length)
        } catch (e: InterruptedIOException) {
            throw e.apply { bytesTransferred = written }
        }
    }

    override fun flush(): Unit = writer.drainBlocking()

    /** Waits until everything is written and the stream is closed; throws what went wrong. A second call does nothing. */
    override fun close() {
        if (closed) return
        closed = true
        writer.close()
        writer.awaitClosedBlocking()
    }
}
