@file:JvmName("KotlinxBuffers")
@file:OptIn(UnsafeIoApi::class)

package dev.sluice.net

import dev.sluice.StreamReader
import dev.sluice.StreamWriter
import kotlinx.io.Buffer
import kotlinx.io.UnsafeIoApi
import kotlinx.io.readByteArray
import kotlinx.io.unsafe.UnsafeBufferOperations
import java.nio.ByteBuffer

/**
 * Moves bytes to the end of [buffer], at least one and at most [byteCount], as soon as there are any; how many, -1 at the end. Of
 * [byteCount] 0 it is 0 at once.
 *
 * **Cancel safety**: a cancelled call has taken nothing.
 */
public suspend fun StreamReader.readAtMostTo(
    buffer: Buffer,
    byteCount: Long,
): Long {
    require(byteCount >= 0) { "can't read $byteCount bytes" }
    if (byteCount == 0L) return 0
    // Bytes land in a segment of a buffer that nobody else has, and the segment moves: while this waits, the caller's is the caller's.
    val came = Buffer()
    var count = 0
    UnsafeBufferOperations.writeToTail(came, 1) { bytes, from, to ->
        count = read(ByteBuffer.wrap(bytes, from, minOf((to - from).toLong(), byteCount).toInt()))
        maxOf(count, 0)
    }
    buffer.transferFrom(came)
    return count.toLong()
}

/**
 * Writes all that [buffer] has, without waiting, as [StreamWriter.write] does; the buffer is empty then, or as it was if this throws.
 */
public fun StreamWriter.write(buffer: Buffer) {
    if (buffer.exhausted()) return write(NO_BYTES)
    UnsafeBufferOperations.readFromHead(buffer) { bytes, from, to ->
        val isAll = (to - from).toLong() == buffer.size
        if (isAll) write(bytes, from, to - from)
        if (isAll) to - from else 0
    }
    if (buffer.exhausted()) return
    // In one piece, for that is what stays together when others write, and is refused as a whole.
    write(buffer.copy().readByteArray())
    buffer.clear()
}

private val NO_BYTES = ByteArray(0)
