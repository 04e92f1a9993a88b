package dev.sluice.tls

import dev.sluice.TlsShutdownTimeoutException
import dev.sluice.forCaller
import dev.sluice.toPeer
import dev.sluice.transport.ClosesLater
import dev.sluice.transport.Transport
import kotlinx.coroutines.Job
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.coroutines.yield
import java.io.IOException
import kotlin.time.Duration

/**
 * The orderly end of a TLS connection: what was taken goes out, then close_notify; then what the peer still sends is dropped until its own
 * close_notify, or the end of the transport below, which is closed at last.
 *
 * @param limit how long the peer may take for the next step
 */
internal class TlsShutdown(
    private val below: Transport,
    private val input: TlsInput,
    private val output: TlsOutput,
    private val reading: Half,
    private val writing: Half,
    private val limit: Duration,
) {
    private val delivered = Job()
    private val done = Job()

    @Volatile
    private var failure: IOException? = null

    suspend fun awaitDelivered() {
        delivered.join()
        failure?.let { throw it.forCaller() }
    }

    /** Returns when the transport below is closed. */
    suspend fun awaitDone() {
        done.join()
        failure?.let { throw it.forCaller() }
    }

    /** Lets nobody wait: there is nothing to be done, or it is done. */
    fun omit() {
        delivered.complete()
        done.complete()
    }

    /** Once, after both halves were shut. */
    suspend fun run() {
        try {
            writing.awaitTaken()
            failure = deliver()
            delivered.complete()
            if (failure == null) failure = sayGoodbye()
            reading.awaitTaken()
            output.release()
            input.release()
            closeBelow()
        } finally {
            omit()
        }
    }

    /** As long as it takes: who waits for it has a limit. */
    private suspend fun deliver(): IOException? =
        try {
            while (!output.tryDeliver()) below.awaitWritable()
            null
        } catch (e: IOException) {
            e
        }

    private suspend fun sayGoodbye(): IOException? =
        try {
            // A reader in the middle of a record would take the engine's own end for a wish of the peer's.
            reading.awaitTaken()
            output.end()
            when {
                !flushWithin() -> timedOut("there was no room for close_notify")
                withTimeoutOrNull(limit) { awaitAnswer() } == null -> timedOut("the peer did not answer close_notify")
                else -> null
            }
        } catch (_: IOException) {
            // All data is on its way. A peer that is gone, or sends what can't be decrypted, has nothing to say any more.
            null
        }

    private suspend fun flushWithin(): Boolean {
        while (!output.tryFlush()) withTimeoutOrNull(limit) { below.awaitWritable() } ?: return false
        return true
    }

    private suspend fun awaitAnswer() {
        while (true) {
            val dropped = input.drop()
            if (dropped < 0) return
            // A peer that goes on sending is heard for the same time as one that is silent.
            if (dropped == 0) below.awaitReadable() else yield()
        }
    }

    private suspend fun closeBelow() {
        below.close()
        if (below !is ClosesLater) return
        try {
            if (withTimeoutOrNull(limit) { below.awaitDelivered() } == null) {
                failure = timedOut("what lies below was not taken")
                below.abort()
            }
        } catch (e: IOException) {
            failure = e
        }
    }

    private fun timedOut(what: String) =
        TlsShutdownTimeoutException("closing the TLS session${below.info.toPeer()}: $what within $limit")
}
