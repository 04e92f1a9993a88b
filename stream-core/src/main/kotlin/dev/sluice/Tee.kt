@file:JvmName("Tee")

package dev.sluice

import java.io.IOException
import java.nio.ByteBuffer

/**
 * This reader, with a copy of everything that is read to [copy]. It is read no faster than the copy is taken: that is drained before this
 * reader is asked for more, and before the end. A copy that fails ends the reading with its failure, after the bytes that were read before.
 *
 * ```kotlin
 * val logged = connection.reader.tee(logFile)
 * ```
 * The copy stays open. Closing the result closes this reader, which is not to be read by others meanwhile.
 */
public fun StreamReader.tee(copy: StreamWriter): StreamReader = StreamReader(TeeSource(this, copy), limit)

private class TeeSource(
    below: StreamReader,
    private val copy: StreamWriter,
) : ReaderSource(below) {
    private var failure: IOException? = null

    override fun tryRead(into: ByteBuffer): Int {
        failure?.let { throw it }
        copy.checkWritable()
        if (!copy.isDrained()) return 0
        val from = into.position()
        val count = into.limited(copy.writeLimit) { super.tryRead(it) }
        if (count > 0) copy(into.duplicate().bounds(from, from + count))
        return count
    }

    private fun copy(bytes: ByteBuffer) {
        try {
            copy.writeWhole { copy.write(bytes) }
        } catch (e: IOException) {
            // The bytes are taken: they come first.
            failure = e
        }
    }

    override suspend fun awaitReadable() {
        if (failure != null) return
        copy.drain()
        super.awaitReadable()
    }
}
