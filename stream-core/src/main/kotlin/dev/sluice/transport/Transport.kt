package dev.sluice.transport

import dev.sluice.StreamInfo

/**
 * Both halves of a connection: what a socket, a pipe pair or an in-memory pair implements, and what
 * [dev.sluice.Connection] is built on.
 *
 * The two halves are used independently, by two callers at once. `close()` ends both.
 *
 * A wrapper delegates what it does not change:
 * ```kotlin
 * class Counting(private val inner: Transport) : Transport by inner {
 *     var taken = 0L
 *     override fun tryWrite(from: ByteBuffer): Int = inner.tryWrite(from).also { taken += it }
 * }
 * ```
 */
public interface Transport :
    ByteSource,
    ByteSink {
    /** What is known of this connection; it stays readable after the end. */
    public val info: StreamInfo

    /**
     * Ends both halves at once: bytes not yet delivered may be dropped, and the peer sees a reset where the transport knows
     * one (TCP does; pipes and Unix sockets show it an ordinary end). Waits end with
     * [dev.sluice.StreamClosedException]. Never throws; calling it again does nothing. After `close()` it may cut short what is still
     * being delivered.
     */
    public fun abort()
}
