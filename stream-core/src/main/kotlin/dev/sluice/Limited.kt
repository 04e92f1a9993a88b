@file:JvmName("Limited")

package dev.sluice

import java.nio.ByteBuffer

/**
 * The next [bytes] bytes of this reader as a stream of their own, which ends after them; or earlier, where this one does.
 *
 * ```kotlin
 * val body = reader.limited(contentLength).text().read()
 * val nextRequest = reader.readLine()
 * ```
 * Read it to its end before this reader is read again: what it has taken ahead of its own callers is not given back. Closing it closes this
 * reader.
 */
public fun StreamReader.limited(bytes: Long): StreamReader {
    require(bytes >= 0) { "a stream can't be limited to $bytes bytes" }
    return StreamReader(LimitedSource(this, bytes), limit)
}

private class LimitedSource(
    below: StreamReader,
    private var left: Long,
) : ReaderSource(below) {
    override fun tryRead(into: ByteBuffer): Int {
        if (left == 0L) return -1
        val count = into.limited(minOf(left, Int.MAX_VALUE.toLong()).toInt()) { super.tryRead(it) }
        if (count > 0) left -= count
        return count
    }

    override suspend fun awaitReadable() {
        if (left > 0) super.awaitReadable()
    }
}
