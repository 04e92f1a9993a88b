package dev.sluice.net

import java.nio.Buffer
import java.nio.ByteBuffer

/** Lets [use] see the first [most] of the bytes that remain, or all of them if they are fewer. */
internal inline fun <T> ByteBuffer.limited(
    most: Int,
    use: (ByteBuffer) -> T,
): T {
    if (remaining() <= most) return use(this)
    // Through the supertype: ByteBuffer's own covariant overrides came with Java 9, and Android 26 does not have them.
    val bounds: Buffer = this
    val limit = limit()
    bounds.limit(position() + most)
    try {
        return use(this)
    } finally {
        bounds.limit(limit)
    }
}
