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
                if (to.writer.canWriteEof) to.writer.writeEof() else to.close()
            } catch (e: IOException) {
                if (e is StreamClosedException && from.writer.isClosedInOrder) {
                    // By this side: here, as only the whole of it could be ended, or by others, as when a server closes its connections.
                    to.close()
                } else {
                    fail(e)
                }
            }
        }

        private fun fail(cause: IOException) {
            failure = if (loss.compareAndSet(null, cause)) cause else StreamClosedException(OTHER_FAILED, loss.get())
            for (connection in listOf(from, to)) {
                // What one has still to send that was closed by this side is nobody's business here.
                if (!connection.writer.isClosedInOrder) connection.abort(cause)
            }
        }
    }

    private companion object {
        const val OTHER_FAILED = "the other direction of the relay has failed"
    }
}
