package dev.sluice.fuzz

import dev.sluice.tls.runTasks
import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer
import javax.net.ssl.SSLEngine
import javax.net.ssl.SSLEngineResult
import javax.net.ssl.SSLEngineResult.HandshakeStatus
import javax.net.ssl.SSLException

private val NOTHING = ByteArray(0)

/** Says [words], whatever it hears. */
internal class TalkingPeer(
    private var words: ByteArray,
) : FuzzedPeer {
    override val text: ByteArray = NOTHING
    override val heard: ByteArray = NOTHING

    override fun answer(heard: ByteArray): ByteArray? = words.takeIf { it.isNotEmpty() }.also { words = NOTHING }
}

/** Says what an [engine] says, then a text and the end of it, with [changes]. */
internal class EnginePeer(
    private val engine: SSLEngine,
    private val changes: ChangedStream,
) : FuzzedPeer {
    private val received = ByteBuffer.allocate(1 shl 17).apply { flip() }
    private val plain = ByteBuffer.allocate(1 shl 17)
    private val said = ByteArrayOutputStream()
    private val unsaid = ByteBuffer.wrap(TEXT)
    private var isOver = false

    override val text: ByteArray = TEXT
    override val heard: ByteArray get() = plain.array().copyOf(plain.position())

    init {
        engine.beginHandshake()
    }

    override fun answer(heard: ByteArray): ByteArray? {
        received.compact()
        received.put(heard)
        received.flip()
        try {
            do {
                val moved = !isOver && (listen() || speak())
            } while (moved)
        } catch (_: SSLException) {
            // A change has come back to it.
            isOver = true
        }
        return changes.through(said.toByteArray().also { said.reset() })
    }

    /** Whether it was anything. */
    private fun listen(): Boolean {
        engine.runTasks()
        if (!received.hasRemaining() || engine.handshakeStatus == HandshakeStatus.NEED_WRAP) return false
        return engine.unwrap(received, plain).moved
    }

    private fun speak(): Boolean {
        engine.runTasks()
        val status = engine.handshakeStatus
        if (status == HandshakeStatus.NEED_UNWRAP || engine.isOutboundDone) return false
        if (status == HandshakeStatus.NOT_HANDSHAKING && !unsaid.hasRemaining()) engine.closeOutbound()
        val record = ByteBuffer.allocate(engine.session.packetBufferSize)
        val result = engine.wrap(unsaid, record)
        said.write(record.array(), 0, record.position())
        return result.moved
    }

    private val SSLEngineResult.moved get() = bytesConsumed() + bytesProduced() > 0

    private companion object {
        /** Two records, of which one is as large as they get. */
        val TEXT = ByteArray(20_000) { (it * 13).toByte() }
    }
}
