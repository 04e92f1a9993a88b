package dev.sluice

import java.nio.Buffer
import java.nio.ByteBuffer

// Position and limit are set through the supertype: ByteBuffer's own covariant overrides came with Java 9, and Android 26
// does not have them.

/** Makes [from] until [to] the part that is read or written next. */
internal fun ByteBuffer.bounds(
    from: Int,
    to: Int,
): ByteBuffer {
    val buffer: Buffer = this
    buffer.limit(to)
    buffer.position(from)
    return this
}

internal fun ByteBuffer.advance(count: Int) {
    val buffer: Buffer = this
    buffer.position(buffer.position() + count)
}

/** Lets [use] see the first [most] of the bytes that remain, or all of them if they are fewer. */
internal inline fun <T> ByteBuffer.limited(
    most: Int,
    use: (ByteBuffer) -> T,
): T {
    if (remaining() <= most) return use(this)
    val limit = limit()
    bounds(position(), position() + most)
    try {
        return use(this)
    } finally {
        bounds(position(), limit)
    }
}
