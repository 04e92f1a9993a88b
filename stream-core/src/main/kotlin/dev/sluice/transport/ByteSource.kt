package dev.sluice.transport

import java.io.Closeable
import java.nio.ByteBuffer

/**
 * Where bytes come from: the input half of a transport, asked only when somebody wants bytes.
 *
 * Bytes are taken by [tryRead], which never waits; waiting is done by [awaitReadable], which takes nothing. A cancelled
 * wait can therefore lose no byte, and a source that is waited on needs no buffer.
 *
 * **Threads.** One caller at a time uses [tryRead] and [awaitReadable], not always from the same thread. [close] may come
 * at any moment from any thread, also while one of the two is running.
 *
 * **The end.** After the last byte [tryRead] answers -1, again and again. A source that broke hands out the bytes that
 * came before the failure first, then throws an [java.io.IOException], again and again. After [close] both functions throw
 * [dev.sluice.StreamClosedException].
 */
public interface ByteSource : Closeable {
    /**
     * Moves the bytes that are there now into [into], as many as fit, without waiting.
     *
     * @return how many were moved; 0 when there are none at the moment (or no room); -1 at the end of the stream
     * @throws java.io.IOException the source has failed and every byte before the failure was handed out
     */
    public fun tryRead(into: ByteBuffer): Int

    /**
     * Returns when [tryRead] is worth a call: there are bytes, the end, or a failure to report. It may return early for no
     * reason.
     *
     * **Cancel safety**: takes no byte, so a cancelled wait leaves the source as it was and can be repeated at once.
     *
     * @throws dev.sluice.StreamClosedException [close] was called, before or during the wait
     */
    public suspend fun awaitReadable()

    /** Ends the source and every wait on it. Calling it again does nothing. */
    override fun close()
}
