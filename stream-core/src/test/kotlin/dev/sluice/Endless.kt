package dev.sluice

import dev.sluice.transport.ByteSource
import java.nio.ByteBuffer

/** Always has as many zeros as are asked for. */
internal object Endless : ByteSource {
    override fun tryRead(into: ByteBuffer): Int {
        val count = into.remaining()
        into.put(ByteArray(count))
        return count
    }

    override suspend fun awaitReadable(): Unit = Unit

    override fun close(): Unit = Unit
}
