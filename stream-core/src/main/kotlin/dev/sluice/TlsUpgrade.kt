package dev.sluice

import dev.sluice.tls.TlsOptions
import dev.sluice.tls.TlsSetup
import dev.sluice.tls.TlsTransport
import dev.sluice.transport.Transport
import kotlinx.coroutines.CancellationException
import java.io.IOException

/**
 * The change of a connection from plain bytes to TLS. During the handshake the input belongs to this as to a reader's operation, and the
 * output as to the flusher; then both go on over the new transport.
 */
internal class TlsUpgrade(
    private val outflow: Outflow,
) {
    private val reader =
        outflow.reader
            ?: throw UnsupportedOperationException("TLS needs both directions of a connection, and this writer is alone")

    suspend fun run(options: TlsOptions) {
        val below = outflow.sink as Transport
        outflow.checkWritable()
        check(!outflow.hasWaiters) { "another coroutine drains this writer; start TLS when nobody reads or drains" }
        val inflow = reader.inflow
        inflow.begin()
        try {
            outflow.pause()
            val secured = secured(setUp(below, options), inflow)
            inflow.resumeOn(secured)
            outflow.resumeOn(secured)
        } finally {
            inflow.end()
        }
    }

    /** Options that can't be met leave the connection as it was. */
    private suspend fun setUp(
        below: Transport,
        options: TlsOptions,
    ): TlsSetup =
        try {
            TlsSetup.of(below, options)
        } catch (e: Throwable) {
            outflow.resumeOn(below)
            throw e
        }

    private suspend fun secured(
        setup: TlsSetup,
        inflow: Inflow,
    ): TlsTransport {
        val early = inflow.buffer.takeAll()
        var secured: TlsTransport? = null
        try {
            // A close of the connection ends this, too.
            inflow.untilShut { secured = setup.run(early, outflow.background) }
            return secured!!
        } catch (e: Throwable) {
            secured?.abort()
            val lost = lossBy(e)
            inflow.closeLost(lost)
            outflow.closeLost(lost, report = lost.takeUnless { it is StreamClosedException })
            throw e
        }
    }

    private fun lossBy(e: Throwable): IOException =
        when (e) {
            is IOException -> e
            is CancellationException -> StreamClosedException("the TLS handshake${outflow.toPeer()} was cancelled", e)
            else -> IOException("the TLS handshake${outflow.toPeer()} failed: $e", e)
        }
}
