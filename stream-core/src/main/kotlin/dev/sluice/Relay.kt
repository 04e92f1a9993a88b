@file:JvmName("Relay")

package dev.sluice

import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import java.io.IOException
import java.util.concurrent.atomic.AtomicReference

/**
 * Passes on what each of two connections sends to the other one, until both have ended; then both are closed.
 *
 * ```kotlin
 * startServer("127.0.0.1", 8080) { client ->
 *     val (up, down) = relay(client, openConnection("example.org", 80))
 *     log("${up.bytes} bytes up, ${down.bytes} down")
 * }
 * ```
 * The end of one side's output is passed on by itself, while the other direction goes on. Where the other connection can't end its output
 * alone, as TLS 1.2, it is closed. A connection that is lost is passed on as a reset of the other one, and the result tells of it; this does
 * not throw it.
 *
 * Neither direction is read faster than the other connection takes it, and while nothing comes no memory is held.
 *
 * **Cancel safety**: both connections are aborted, so that neither peer takes a part for the whole.
 */
public suspend fun relay(
    first: Connection,
    second: Connection,
): RelayResult {
    val relay = BothWays(first, second)
    try {
        relay.run()
        first.close()
        second.close()
        return relay.result()
    } catch (e: Throwable) {
        relay.abort(e)
        throw e
    }
}

private class BothWays(
    private val first: Connection,
    private val second: Connection,
) {
    private val there = OneWay(first, second)
    private val back = OneWay(second, first)

    /** What the direction that failed first has failed with. */
    private val loss = AtomicReference<IOException>()

    /** A connection of which only the whole could be ended, and was: that its reader is closed is the end of the stream. */
    @Volatile
    private var ended: Connection? = null

    suspend fun run() {
        coroutineScope {
            val other = async { back.run() }
            there.run()
            other.await()
        }
    }

    fun abort(cause: Throwable) {
        first.abort(cause)
        second.abort(cause)
    }

    fun result() = RelayResult(there.result(), back.result())

    private inner class OneWay(
        private val from: Connection,
        private val to: Connection,
    ) {
        private var bytes = 0L
        private var failure: IOException? = null

        fun result() = RelayedWay(bytes, failure)

        suspend fun run() {
            try {
                from.reader.copyTo(to.writer) { bytes += it }
                passEnd()
            } catch (e: IOException) {
                if (ended === from) return passEnd()
                failure =
                    if (loss.compareAndSet(
                            null,
                            e,
                        )
                    ) {
                        e
                    } else {
                        StreamClosedException("the other direction of the relay has failed", loss.get())
                    }
                abort(e)
            }
        }

        private fun passEnd() {
            if (to.writer.canWriteEof) return to.writer.writeEof()
            ended = to
            to.close()
        }
    }
}
