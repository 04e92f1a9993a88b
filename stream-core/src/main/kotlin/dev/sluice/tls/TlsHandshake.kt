package dev.sluice.tls

import dev.sluice.ConnectionResetException
import dev.sluice.TlsTruncatedException
import dev.sluice.toPeer
import dev.sluice.transport.Transport
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.io.IOException
import javax.net.ssl.SSLEngine
import javax.net.ssl.SSLEngineResult.HandshakeStatus
import javax.net.ssl.SSLException
import javax.net.ssl.SSLHandshakeException

/**
 * The talk of the two engines that comes before all data. Nobody else uses the transport meanwhile.
 *
 * What this side says is collected, and leaves before it waits for the peer.
 */
internal class TlsHandshake(
    private val engine: SSLEngine,
    private val below: Transport,
    private val input: TlsInput,
    private val output: TlsOutput,
) {
    suspend fun run() {
        engine.beginHandshake()
        while (true) {
            when (engine.handshakeStatus!!) {
                HandshakeStatus.NEED_TASK -> runTasks()
                HandshakeStatus.NEED_WRAP -> output.speak()
                HandshakeStatus.NOT_HANDSHAKING, HandshakeStatus.FINISHED -> break
                else -> listen()
            }
            if (input.ended) throw peerLeft(null)
        }
        // What finds no room now, as tickets for later sessions, is not worth a wait: it leaves before the first data.
        output.tryFlush()
        input.establish()
    }

    /** Tells the peer why this side gives up, if the engine has a word for it. */
    suspend fun refuse() {
        try {
            output.giveUp()
        } catch (_: SSLException) {
            // An engine of Conscrypt fails once more before it hands its alert out.
            output.giveUp()
        }
        flush()
    }

    private suspend fun listen() {
        try {
            if (input.takeRecord()) return
            flush()
            while (!input.takeRecord()) below.awaitReadable()
        } catch (e: TlsTruncatedException) {
            throw peerLeft(e)
        }
    }

    private suspend fun flush() {
        while (!output.tryFlush()) below.awaitWritable()
    }

    private suspend fun runTasks() {
        withContext(delegatedTasks) { engine.runTasks() }
    }

    private fun peerLeft(end: IOException?): SSLHandshakeException {
        val peer = below.info.toPeer()
        val cause =
            if (input.hasReceived) {
                end
            } else {
                ConnectionResetException(
                    "the peer$peer has closed the connection and not said a word",
                    end,
                )
            }
        val failure = SSLHandshakeException("the TLS handshake$peer failed: the peer closed the connection during it")
        cause?.let(failure::initCause)
        return failure
    }
}

/**
 * Where engines compute, and perhaps ask others about certificates: off the event loop, and without a share in the threads that
 * everybody else has in `Dispatchers.IO`.
 */
internal val delegatedTasks: CoroutineDispatcher = Dispatchers.IO.limitedParallelism(64, "sluice-tls")

internal fun SSLEngine.runTasks() {
    generateSequence { delegatedTask }.forEach(Runnable::run)
}
