package dev.sluice.tls

import dev.sluice.TlsTruncatedException
import dev.sluice.bounds
import dev.sluice.forCaller
import dev.sluice.toPeer
import dev.sluice.transport.Transport
import java.io.IOException
import java.nio.ByteBuffer
import java.security.cert.CertificateException
import javax.net.ssl.SSLEngine
import javax.net.ssl.SSLEngineResult
import javax.net.ssl.SSLEngineResult.HandshakeStatus
import javax.net.ssl.SSLEngineResult.Status
import javax.net.ssl.SSLException
import javax.net.ssl.SSLHandshakeException

/**
 * The way of bytes from the transport below through the engine to the caller.
 *
 * Records wait in [packets] to be decrypted, straight into the caller's buffer if that has room for one, otherwise into [plain], from
 * where the caller gets it piece by piece. Both are borrowed, and given back as soon as they are empty.
 *
 * What goes wrong is kept in [failure] and thrown when the bytes before it are handed out.
 *
 * @param early bytes that were read already, and belong to the engine
 */
internal class TlsInput(
    private val engine: SSLEngine,
    private val below: Transport,
    early: ByteArray,
) {
    /** What was received and not decrypted, between position and limit. */
    private var packets: ByteBuffer? = early.takeIf { it.isNotEmpty() }?.let(ByteBuffer::wrap)

    /** What was decrypted and not handed out. */
    private var plain: ByteBuffer? = null

    /** There is no whole record in [packets]. */
    private var needsMore = early.isEmpty()

    private var isEstablished = false

    /** How many messages of the peer wait for an answer. */
    var unanswered = 0
        private set

    /** Whether the peer has said that it will send no more. */
    @Volatile
    var ended = false
        private set

    @Volatile
    var failure: IOException? = null
        private set

    /** Whether anything ever came. */
    var hasReceived = early.isNotEmpty()
        private set

    /** Whether a read is worth a call although nothing comes from below. */
    val hasNews: Boolean get() = !needsMore || plain != null || failure != null || ended

    fun tryRead(into: ByteBuffer): Int {
        if (plain != null) return handOut(into)
        if (!into.hasRemaining()) return 0
        val before = into.position()
        if (failure == null && !ended) failing { decrypt(into) }
        val count = into.position() - before
        if (count > 0) return count
        failure?.let { throw it.forCaller() }
        if (ended) return -1
        shrinkToWait()
        return 0
    }

    /** Takes in one record of a handshake, without any data for the caller; false if there is none yet. */
    fun takeRecord(): Boolean {
        if (needsMore && !fill()) {
            failure?.let { throw it }
            shrinkToWait()
            return false
        }
        try {
            decryptOne(NOWHERE)
        } catch (e: CertificateException) {
            // Engines of Conscrypt let through what a trust manager throws.
            throw SSLHandshakeException(e.message).apply { initCause(e) }
        }
        return true
    }

    /** Takes in what there is before the next bytes for the caller: it may be an alert. */
    fun takeNews() {
        failing {
            while (plain == null && failure == null && !ended && (!needsMore || fill())) decryptOne(NOWHERE)
        }
    }

    /** The handshake is done. */
    fun establish() {
        isEstablished = true
    }

    /** Drops some of what there is now; how much, -1 at the end. */
    fun drop(): Int {
        val nowhere = PacketBuffers.borrow(engine.session.applicationBufferSize)
        try {
            return tryRead(nowhere.bounds(0, nowhere.capacity()))
        } finally {
            PacketBuffers.giveBack(nowhere)
        }
    }

    /** Gives back what is borrowed. To be called by the one who uses this, as the last thing. */
    fun release() {
        packets?.let(PacketBuffers::giveBack)
        packets = null
        plain?.let(PacketBuffers::giveBack)
        plain = null
    }

    private inline fun failing(step: () -> Unit) {
        try {
            step()
        } catch (e: IOException) {
            failure = e
        }
    }

    /** Until [into] is full, or there is nothing more without asking below once more. */
    private fun decrypt(into: ByteBuffer) {
        val before = into.position()
        var fills = 0
        while (into.hasRemaining() && plain == null && !ended) {
            // Records may be empty, as many as a peer likes to send: others are to have their turn.
            if (needsMore && (into.position() > before || fills++ == MOST_FILLS || !fill())) return
            decryptOne(into)
        }
    }

    /** Asks below for more; false if there is nothing now, or never will be. */
    private fun fill(): Boolean {
        val buffer = roomForMore()
        val start = buffer.position()
        val end = buffer.limit()
        val isEnd: Boolean
        buffer.bounds(end, buffer.capacity())
        try {
            isEnd = below.tryRead(buffer) < 0
        } finally {
            needsMore = buffer.position() == end
            buffer.bounds(start, buffer.position())
            giveBackIfEmpty()
        }
        if (isEnd) meetEnd()
        hasReceived = hasReceived || !needsMore
        return !needsMore
    }

    /** [packets], with room for the rest of a record behind what is there. */
    private fun roomForMore(): ByteBuffer {
        val size = engine.session.packetBufferSize
        val now = packets ?: return PacketBuffers.borrow(size).bounds(0, 0).also { packets = it }
        val isLargeEnough = now.capacity() >= maxOf(size, now.remaining() + 1)
        if (isLargeEnough && now.position() + size <= now.capacity()) return now
        if (isLargeEnough) {
            now.compact()
            return now.bounds(0, now.position())
        }
        val larger = PacketBuffers.borrow(maxOf(size, 2 * now.remaining()))
        larger.bounds(0, larger.capacity())
        larger.put(now)
        PacketBuffers.giveBack(now)
        packets = larger
        return larger.bounds(0, larger.position())
    }

    private fun meetEnd() {
        // The engine knows more than this only if its own end was sent before.
        if (engine.isInboundDone) {
            ended = true
        } else {
            failure =
                TlsTruncatedException(
                    "the stream${below.info.toPeer()} ended without TLS's close_notify: there may have been more of it",
                )
        }
    }

    private fun decryptOne(into: ByteBuffer) {
        val result = unwrap(into) ?: return
        when (result.status!!) {
            Status.OK -> needsMore = packets == null || packets?.hasRemaining() == false
            Status.BUFFER_UNDERFLOW -> needsMore = true
            Status.BUFFER_OVERFLOW -> return decryptAside(into)
            Status.CLOSED -> meetClosed(result)
        }
        giveBackIfEmpty()
        if (isEstablished && result.status == Status.OK) afterRecord(result)
    }

    /** When its own output has ended, an engine of Conscrypt calls itself closed, and goes on decrypting. */
    private fun meetClosed(result: SSLEngineResult) {
        ended = engine.isInboundDone || result.bytesConsumed() + result.bytesProduced() == 0
        needsMore = packets?.hasRemaining() != true
    }

    /** Null at the end. */
    private fun unwrap(into: ByteBuffer): SSLEngineResult? =
        try {
            engine.unwrap(packets ?: NOWHERE, into)
        } catch (e: SSLException) {
            // Where the peer's keys have served their time, the JDK wants new ones even as it takes in close_notify.
            if (!e.isVainKeyChange || !engine.isInboundDone) throw e
            ended = true
            null
        }

    /** A record that has no room in [into]. */
    private fun decryptAside(into: ByteBuffer) {
        val size = engine.session.applicationBufferSize
        check(plain == null) { "a record of TLS is larger than the $size bytes that its engine speaks of" }
        val aside = PacketBuffers.borrow(size)
        aside.bounds(0, aside.capacity())
        plain = aside
        try {
            decryptOne(aside)
        } finally {
            aside.bounds(0, aside.position())
            handOut(into)
        }
    }

    private fun handOut(into: ByteBuffer): Int {
        val from = plain ?: return 0
        val count = minOf(from.remaining(), into.remaining())
        val end = from.limit()
        into.put(from.bounds(from.position(), from.position() + count))
        from.bounds(from.position(), end)
        if (!from.hasRemaining()) {
            PacketBuffers.giveBack(from)
            plain = null
        }
        return count
    }

    /** The beginning of a record may be all that a peer ever sends: it is kept in no more room than it needs. */
    private fun shrinkToWait() {
        val now = packets ?: return
        if (now.remaining() > SMALL_REST || now.capacity() <= SMALL_REST) return
        val rest = ByteBuffer.allocate(now.remaining()).put(now)
        packets = rest.bounds(0, rest.capacity())
        PacketBuffers.giveBack(now)
    }

    private fun giveBackIfEmpty() {
        val now = packets ?: return
        if (now.hasRemaining()) return
        PacketBuffers.giveBack(now)
        packets = null
    }

    /** In TLS 1.3 new keys are confirmed; a peer that asks for them and never takes an answer is up to no good. */
    private fun afterRecord(result: SSLEngineResult) {
        // Who has ended its output waits for the peer's end and answers nothing.
        if (engine.isOutboundDone) return
        val status = result.handshakeStatus!!
        if (status == HandshakeStatus.NOT_HANDSHAKING || status == HandshakeStatus.FINISHED) {
            unanswered = 0
        } else if (engine.session.protocol != TLS_1_3) {
            refuseSecondHandshake()
        } else if (status != HandshakeStatus.NEED_WRAP) {
            engine.runTasks()
        } else if (result.bytesProduced() == 0 && ++unanswered > MOST_UNANSWERED) {
            throw SSLException("the peer${below.info.toPeer()} asks for new TLS keys over and over")
        }
    }

    /** What the engine says from now on is that it ends, and not its part of the handshake. */
    private fun refuseSecondHandshake() {
        engine.closeOutbound()
        throw SSLException(
            "the peer${below.info.toPeer()} asks for a second handshake in one TLS session (renegotiation); that is refused",
        )
    }

    private companion object {
        const val MOST_UNANSWERED = 1000
        const val MOST_FILLS = 8
        const val SMALL_REST = 4096
    }
}

/** For an engine that has something to say, or takes something in, without any data. */
internal val NOWHERE: ByteBuffer = ByteBuffer.allocate(0)
