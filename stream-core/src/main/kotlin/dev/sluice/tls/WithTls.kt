@file:JvmName("WithTls")

package dev.sluice.tls

import dev.sluice.InfoKey
import dev.sluice.StreamInfo
import dev.sluice.TlsHandshakeTimeoutException
import dev.sluice.transport.LoopTransport
import dev.sluice.transport.Transport
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import java.io.IOException
import java.net.InetSocketAddress
import javax.net.ssl.SSLEngine
import javax.net.ssl.SSLException
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration.Companion.seconds

/**
 * TLS over this transport, after a handshake. For connections there is [dev.sluice.Connection.startTls]; this is for what is put together of
 * transports.
 *
 * The transport below belongs to the new one from now on: it is closed with it, and when the handshake fails. Without a
 * [TlsOptions.role] this side is the client unless the transport comes from a server.
 *
 * **Cancel safety**: a cancelled handshake closes the transport.
 *
 * @throws IllegalArgumentException a client has no host name to verify, or the options can't be met; the transport is as it was
 * @throws javax.net.ssl.SSLException the handshake failed; the message says why
 * @throws TlsHandshakeTimeoutException it took longer than `handshakeTimeout`
 */
public suspend fun Transport.withTls(options: TlsOptions): Transport =
    TlsSetup.of(this, options).run(early = ByteArray(0), background = Dispatchers.Unconfined)

/** What leads from a transport to TLS over it. The engine is made at once: options that can't be met change nothing. */
internal class TlsSetup private constructor(
    private val below: Transport,
    private val options: TlsOptions,
) {
    private val host = options.serverHostname ?: below.info[InfoKey.PeerHost]
    private val isClient = options.isClient(below.info)
    private val engine: SSLEngine = options.newEngine(isClient, host, below.info.peerPort)

    /** @param early bytes that were read from below already, and belong to TLS */
    suspend fun run(
        early: ByteArray,
        background: CoroutineContext,
    ): TlsTransport {
        val input = TlsInput(engine, below, early)
        val output = TlsOutput(engine, below)
        var isDone = false
        try {
            val handshake = TlsHandshake(engine, below, input, output)
            try {
                withTimeoutOrNull(options.handshakeTimeout) { handshake.run() } ?: throw timedOut()
            } catch (e: SSLException) {
                throw failed(e, handshake)
            }
            isDone = true
        } finally {
            if (!isDone) {
                input.release()
                output.release()
                below.close()
            }
        }
        return transport(input, output, background)
    }

    private fun transport(
        input: TlsInput,
        output: TlsOutput,
        background: CoroutineContext,
    ): TlsTransport =
        if (below is LoopTransport) {
            LoopTlsTransport(below, engine, input, output, options.shutdownTimeout, background)
        } else {
            TlsTransport(below, engine, input, output, options.shutdownTimeout, background)
        }

    private suspend fun failed(
        cause: SSLException,
        handshake: TlsHandshake,
    ): SSLException {
        try {
            withContext(NonCancellable) { withTimeoutOrNull(ALERT_LIMIT) { handshake.refuse() } }
        } catch (e: IOException) {
            // The peer does not hear why; whoever reads this may want to know.
            cause.addSuppressed(e)
        }
        return handshakeFailure(cause, peerName(), isClient)
    }

    private fun timedOut() =
        TlsHandshakeTimeoutException("the TLS handshake with ${peerName()} was not done within ${options.handshakeTimeout}")

    /** As "example.org (127.0.0.1:443)", or what of it is known. */
    private fun peerName(): String {
        val address = below.info[InfoKey.PeerAddress]
        // The JDK puts a slash before an address without a name; that of a path belongs to it. The client of a Unix socket has no path.
        val text = if (address is InetSocketAddress) "$address".removePrefix("/") else address?.toString()?.ifEmpty { null }
        return if (host == null) text ?: "the peer" else text?.let { "$host ($it)" } ?: host
    }

    companion object {
        /**
         * The first engine loads classes by the hundred, and perhaps whom the JVM trusts: too much for an event loop. Nobody waits long
         * enough for it to be worth a cancel, which could not say what has become of the connection.
         */
        suspend fun of(
            below: Transport,
            options: TlsOptions,
        ): TlsSetup =
            if (options.hasMadeEngine) {
                TlsSetup(below, options)
            } else {
                withContext(NonCancellable) { withContext(delegatedTasks) { TlsSetup(below, options) } }
                    .also { options.hasMadeEngine = true }
            }

        /** How long a peer may take to accept the alert that tells it why the handshake failed. */
        private val ALERT_LIMIT = 1.seconds
    }
}

internal fun TlsOptions.isClient(info: StreamInfo): Boolean =
    when (role) {
        TlsOptions.Role.CLIENT -> true
        TlsOptions.Role.SERVER -> false
        TlsOptions.Role.AUTO -> info[InfoKey.Accepted] != true
    }

/** An engine resumes no session of a peer without a port; where there is none, the host is all that counts. */
private val StreamInfo.peerPort: Int get() = (this[InfoKey.PeerAddress] as? InetSocketAddress)?.port ?: 0
