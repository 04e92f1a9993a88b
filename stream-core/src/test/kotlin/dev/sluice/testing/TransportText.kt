package dev.sluice.testing

import dev.sluice.transport.Transport
import java.nio.ByteBuffer

/** Writes what it can at once; how many bytes it were. */
internal fun Transport.write(text: String): Int = tryWrite(ByteBuffer.wrap(text.toByteArray()))

/** What one read brings; null when nothing is there, "" at the end. */
internal fun Transport.readText(max: Int = 1024): String? {
    val into = ByteBuffer.allocate(max)
    val count = tryRead(into)
    return if (count == 0) null else String(into.array(), 0, maxOf(count, 0))
}
