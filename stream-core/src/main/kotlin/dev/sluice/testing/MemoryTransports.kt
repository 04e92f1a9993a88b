package dev.sluice.testing

import dev.sluice.transport.Transport

internal const val DEFAULT_CAPACITY: Int = 64 * 1024

/**
 * Two transports that are connected to each other, without an operating system: what one writes the other reads.
 *
 * They behave like the ends of a TCP connection on Linux, also at the end: after one side's `close()` the other reads what
 * was written and then the end, and its writes fail with [dev.sluice.ConnectionResetException]; after `abort()` it reads the
 * bytes that were already there, and then that exception. Nothing happens later: what was written can be read at once, so
 * tests need no sleeps. The pair may be used from any threads.
 *
 * ```kotlin
 * val (client, server) = memoryTransportPair(capacity = 1, chunking = Chunking.OneByte)
 * ```
 * @param capacity how many bytes each direction holds before a write has to wait; memory is held only for bytes that are there
 * @param chunking in what pieces the bytes are read
 */
public fun memoryTransportPair(
    capacity: Int = DEFAULT_CAPACITY,
    chunking: Chunking = Chunking.AsItComes,
): Pair<Transport, Transport> {
    require(capacity > 0) { "a stream holds at least one byte, not $capacity" }
    return connected { MemoryPipe(capacity, chunking.sizes()) }
}

/**
 * Two connected transports with no buffer between them: a write takes nothing until the other side waits for bytes. That
 * one write it then takes whole, and nothing more until these bytes were read and the other side waits again.
 *
 * For tests of flow control, and of protocols that must not depend on a buffer that their network may not have.
 *
 * ```kotlin
 * val (sender, receiver) = lockstepTransportPair()
 * check(sender.tryWrite(ByteBuffer.wrap(byteArrayOf(1))) == 0)
 * ```
 */
public fun lockstepTransportPair(): Pair<Transport, Transport> =
    connected { MemoryPipe(DEFAULT_CAPACITY, Chunking.AsItComes.sizes(), lockstep = true) }

private inline fun connected(pipe: () -> MemoryPipe): Pair<Transport, Transport> {
    val there = pipe()
    val back = pipe()
    return MemoryTransport(incoming = back, outgoing = there) to MemoryTransport(incoming = there, outgoing = back)
}
