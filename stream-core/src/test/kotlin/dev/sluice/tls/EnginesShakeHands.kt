package dev.sluice.tls

import java.nio.ByteBuffer
import javax.net.ssl.SSLEngine
import javax.net.ssl.SSLEngineResult.HandshakeStatus
import javax.net.ssl.SSLException

/** How a handshake of two engines failed for each of them; null for who got through it. */
internal class HandshakeOutcome(
    val client: SSLException?,
    val server: SSLException?,
)

/** Passes records between two engines until neither has more to say, alerts and what follows a handshake included. */
internal fun shakeHands(
    client: SSLEngine,
    server: SSLEngine,
): HandshakeOutcome {
    val sides = listOf(EngineSide(client), EngineSide(server))
    sides.forEach { it.engine.beginHandshake() }
    do {
        val (one, other) = sides
        val moved = one.turn(other) or other.turn(one)
    } while (moved)
    return HandshakeOutcome(sides[0].failure, sides[1].failure)
}

/** How [engine] fails when the peer has sent [bytes] in place of a record. */
internal fun failureOn(
    bytes: ByteArray,
    engine: SSLEngine,
): SSLException? {
    engine.beginHandshake()
    if (engine.handshakeStatus == HandshakeStatus.NEED_WRAP) {
        engine.wrap(ByteBuffer.allocate(0), ByteBuffer.allocate(engine.session.packetBufferSize))
    }
    return try {
        engine.unwrap(ByteBuffer.wrap(bytes), ByteBuffer.allocate(engine.session.applicationBufferSize))
        null
    } catch (e: SSLException) {
        e
    }
}

private class EngineSide(
    val engine: SSLEngine,
) {
    var failure: SSLException? = null
        private set
    private val received = ByteBuffer.allocate(1 shl 17)

    /** Takes what has come and says what there is to say; false if neither was anything. */
    fun turn(peer: EngineSide): Boolean {
        val took = attempt { listen() }
        val said = attempt { speak(peer) }
        return took or said
    }

    private fun attempt(step: () -> Boolean): Boolean =
        try {
            step()
        } catch (e: SSLException) {
            val isNews = failure == null
            if (isNews) failure = e
            isNews
        }

    private fun listen(): Boolean {
        received.flip()
        try {
            val before = received.remaining()
            engine.unwrap(received, ByteBuffer.allocate(engine.session.applicationBufferSize))
            engine.runTasks()
            return received.remaining() < before
        } finally {
            received.compact()
        }
    }

    private fun speak(peer: EngineSide): Boolean {
        if (engine.handshakeStatus != HandshakeStatus.NEED_WRAP && failure == null) return false
        val record = ByteBuffer.allocate(engine.session.packetBufferSize)
        engine.wrap(ByteBuffer.allocate(0), record)
        engine.runTasks()
        record.flip()
        peer.received.put(record.duplicate())
        return record.hasRemaining()
    }
}
