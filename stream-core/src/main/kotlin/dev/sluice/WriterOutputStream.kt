package dev.sluice

import java.io.OutputStream

/**
 * A writer for blocking callers. Each write waits until its bytes are with the OS: nothing piles up, and an error shows at the
 * write that met it.
 */
internal class WriterOutputStream(
    private val writer: StreamWriter,
) : OutputStream() {
    override fun write(byte: Int): Unit = write(byteArrayOf(byte.toByte()), 0, 1)

    override fun write(
        data: ByteArray,
        offset: Int,
        length: Int,
    ) {
        checkBounds(data, offset, length)
        if (length == 0) return
        var written = 0
        do {
            // Others may fill the writer between a drain and the next piece, so the pieces follow what is accepted.
            written += writer.writeAtMost(data, offset + written, length - written)
            if (writer.pending > 0) blocking { writer.drain() }
        } while (written < length)
    }

    override fun flush(): Unit = blocking { writer.drain() }

    /** Waits until everything is written and the stream is closed; throws what went wrong. */
    override fun close() {
        writer.close()
        blocking { writer.awaitClosed() }
    }
}
