package dev.sluice.transport

import java.io.Closeable
import java.nio.ByteBuffer

/**
 * Where bytes go: the output half of a transport.
 *
 * [tryWrite] takes what it can at once and never waits; [awaitWritable] waits and takes nothing.
 *
 * **Threads.** One caller at a time uses [tryWrite], [awaitWritable] and [writeEof], not always from the same thread.
 * [close] may come at any moment from any thread, also while one of them is running.
 *
 * **Failures.** A sink that broke throws an [java.io.IOException] from [tryWrite], again and again. After [close] it throws
 * [dev.sluice.StreamClosedException].
 */
public interface ByteSink : Closeable {
    /**
     * Takes bytes of [from], moving its position past them, without waiting.
     *
     * @return how many were taken; 0 when there is no room at the moment (or [from] is empty)
     * @throws java.io.IOException the sink has failed
     */
    public fun tryWrite(from: ByteBuffer): Int

    /**
     * Returns when [tryWrite] is worth a call: there is room, or a failure to report. It may return early for no reason.
     *
     * **Cancel safety**: takes no byte, so a cancelled wait can be repeated at once.
     *
     * @throws dev.sluice.StreamClosedException [close] was called, before or during the wait
     */
    public suspend fun awaitWritable()

    /** Whether the output can be ended while the input goes on. */
    public val canWriteEof: Boolean

    /**
     * Ends the output: the peer reads every byte taken before, then the end. The input goes on. A second call does nothing.
     *
     * @throws UnsupportedOperationException exactly when [canWriteEof] is false; nothing is ended then
     * @throws java.io.IOException the sink has failed
     */
    public fun writeEof()

    /** Ends the sink and every wait on it. Bytes that [tryWrite] took are still delivered. Calling it again does nothing. */
    override fun close()
}
