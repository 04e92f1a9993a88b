package dev.sluice.testing

import dev.sluice.bounds
import dev.sluice.transport.Transport
import java.nio.ByteBuffer

/**
 * Two connected transports in memory that are full both ways: neither takes a byte until the other one reads.
 *
 * ```kotlin
 * checkHalfCloseableStream(makeClogged = { cloggedTransportPair() }) { memoryTransportPair() }
 * ```
 * The parameters are those of [memoryTransportPair].
 */
public fun cloggedTransportPair(
    capacity: Int = DEFAULT_CAPACITY,
    chunking: Chunking = Chunking.AsItComes,
): Pair<Transport, Transport> = memoryTransportPair(capacity, chunking).clogged()

/** This pair, after each side has written until it takes no more. It is for transports that hold only so much, and hold it at once. */
public fun Pair<Transport, Transport>.clogged(): Pair<Transport, Transport> {
    first.clog()
    second.clog()
    return this
}

private fun Transport.clog() {
    val zeros = ByteBuffer.allocate(DEFAULT_CAPACITY)
    do {
        zeros.bounds(0, zeros.capacity())
    } while (tryWrite(zeros) > 0)
}
