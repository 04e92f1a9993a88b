package dev.sluice.fuzz

import com.code_intelligence.jazzer.junit.FuzzTest
import dev.sluice.Connection
import dev.sluice.TlsTruncatedException
import dev.sluice.tls.TLS_1_2
import dev.sluice.tls.TLS_1_3
import dev.sluice.tls.TlsOptions
import dev.sluice.tls.clientContext
import dev.sluice.tls.clientTls
import dev.sluice.tls.serverContext
import dev.sluice.tls.serverTls
import dev.sluice.tls.withTls
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Timeout
import java.io.IOException
import javax.net.ssl.SSLEngine
import javax.net.ssl.SSLException
import kotlin.time.Duration.Companion.seconds

/**
 * A peer that says anything, or what an engine says with changes here and there. What comes of it is the peer's text as it was,
 * or an exception with a name; never a wait for nothing, and never more room than records need.
 */
internal class TlsPeerFuzz {
    @Timeout(60)
    @FuzzTest(maxDuration = "2m")
    fun holds(input: ByteArray) {
        val choices = Choices(input)
        val isServer = choices.yes()
        val protocols = choices.oneOf(PROTOCOLS)
        val options = if (isServer) serverTls { accept(protocols, choices) } else clientTls { accept(protocols, choices) }
        val room = choices.oneOf(ROOMS)
        val pieces = choices.oneOf(ROOMS)
        val peer = if (choices.yes()) TalkingPeer(choices.rest()) else enginePeer(isServer, choices)
        runBlocking { withTimeout(30.seconds) { talk(PeerBelow(peer, room, pieces), options, peer) } }
    }

    private fun TlsOptions.Builder.accept(
        wanted: List<String>,
        choices: Choices,
    ) {
        protocols = wanted
        clientAuth = choices.oneOf(TlsOptions.ClientAuth.values().asList())
        if (choices.yes()) applicationProtocols = listOf("h2", "http/1.1")
    }

    private fun enginePeer(
        isServer: Boolean,
        choices: Choices,
    ): EnginePeer {
        val engine = (if (isServer) clientContext else serverContext).createSSLEngine("localhost", 0)
        engine.useClientMode = isServer
        engine.enabledProtocols = choices.oneOf(PROTOCOLS).toTypedArray()
        return EnginePeer(engine, ChangedStream(choices))
    }

    private suspend fun talk(
        below: PeerBelow,
        options: TlsOptions,
        peer: FuzzedPeer,
    ) {
        val transport =
            try {
                below.withTls(options)
            } catch (_: SSLException) {
                check(below.isClosed) { "after a handshake that failed the transport is open" }
                return
            }
        val connection = Connection(transport)
        try {
            connection.writer.write(WRITTEN)
            connection.writer.drain()
            val read = connection.reader.read()
            check(read.contentEquals(peer.text)) { "${read.size} bytes that are not the peer's ${peer.text.size}" }
        } catch (e: IOException) {
            check(e is SSLException || e is TlsTruncatedException) { "an exception without a name: $e" }
        } finally {
            closing(connection)
        }
        check(below.isClosed) { "after the close the transport is open" }
        check(peer.heard.size <= WRITTEN.size && peer.heard.contentEquals(WRITTEN.copyOf(peer.heard.size))) {
            "the peer has heard something else"
        }
    }

    private suspend fun closing(connection: Connection) {
        try {
            connection.close()
            connection.awaitClosed()
        } catch (e: IOException) {
            check(e is SSLException || e is TlsTruncatedException) { "a close without a name: $e" }
        }
    }

    private companion object {
        val PROTOCOLS = listOf(listOf(TLS_1_3, TLS_1_2), listOf(TLS_1_3), listOf(TLS_1_2))
        val ROOMS = listOf(1 shl 20, 1, 5, 100, 5000)
        val WRITTEN = ByteArray(20_000) { (it * 7).toByte() }
    }
}
