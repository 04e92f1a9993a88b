package dev.sluice.tls

import dev.sluice.ConnectionResetException
import dev.sluice.bounds
import dev.sluice.toPeer
import dev.sluice.transport.Transport
import java.io.IOException
import java.nio.ByteBuffer
import javax.net.ssl.SSLEngine
import javax.net.ssl.SSLEngineResult
import javax.net.ssl.SSLEngineResult.HandshakeStatus
import javax.net.ssl.SSLEngineResult.Status
import javax.net.ssl.SSLException

/**
 * The way of bytes from the caller through the engine to the transport below.
 *
 * What the engine has made records of can't be taken back, so records that find no room below wait in [records], a borrowed
 * buffer, and no more bytes are taken until they are gone.
 */
internal class TlsOutput(
    private val engine: SSLEngine,
    private val below: Transport,
) {
    /** What below has not taken, between position and limit. */
    private var records: ByteBuffer? = null

    /** Whether any of the caller's bytes are among them. */
    private var holdsData = false

    val isEmpty: Boolean get() = records == null

    fun tryWrite(
        from: Array<ByteBuffer>,
        count: Int,
    ): Long {
        if (!tryFlush()) return 0
        val offered = from.remaining(count)
        var left = offered
        try {
            while (left > 0) {
                left -= encrypt(from, count, left)
                if (!tryFlush()) break
            }
        } catch (e: IOException) {
            // Bytes that were taken can't be refused any more. The next call fails again.
            left = from.remaining(count)
            if (left == offered) throw e
        }
        return offered - left
    }

    /** Hands below what it has room for; whether that was everything. */
    fun tryFlush(): Boolean {
        val waiting = records ?: return true
        while (waiting.hasRemaining()) {
            val before = waiting.remaining()
            below.tryWrite(waiting)
            if (waiting.remaining() == before) return false
        }
        release()
        return true
    }

    /** The same; what only the engine had to say is not worth waiting for. */
    fun tryDeliver(): Boolean = !holdsData || tryFlush()

    /** Adds what the engine has to say by itself: its part of a handshake, or an alert. */
    fun speak() {
        while (engine.handshakeStatus == HandshakeStatus.NEED_WRAP) {
            val result = wrap { engine.wrap(NOWHERE, it) }
            if (result.bytesProduced() == 0) return
        }
    }

    /** Adds the alert of an engine that has failed. Those of Conscrypt have one without saying so. */
    fun giveUp() {
        do {
            val result = wrap { engine.wrap(NOWHERE, it) }
        } while (result.bytesProduced() > 0 && !engine.isOutboundDone)
    }

    /** Adds the last word of this side: close_notify. */
    fun end() {
        engine.closeOutbound()
        while (!engine.isOutboundDone) {
            val result = wrap { engine.wrap(NOWHERE, it) }
            if (result.bytesProduced() == 0) return
        }
    }

    /** Gives back what is borrowed. To be called by the one who uses this, as the last thing. */
    fun release() {
        records?.let(PacketBuffers::giveBack)
        records = null
        holdsData = false
    }

    /** As many records as one buffer has room for; how many bytes went into them. */
    private fun encrypt(
        from: Array<ByteBuffer>,
        count: Int,
        offered: Long,
    ): Long {
        var left = offered
        do {
            val result = wrap { engine.wrap(from, 0, count, it) }
            left -= result.bytesConsumed()
            if (result.bytesConsumed() > 0) holdsData = true
            if (result.bytesConsumed() == 0 && result.bytesProduced() == 0) {
                if (result.status ==
                    Status.CLOSED
                ) {
                    throw ConnectionResetException("the peer${below.info.toPeer()} has ended the TLS session")
                }
                throw SSLException(
                    "the TLS session${below.info.toPeer()} can't go on before a second handshake (${result.handshakeStatus})",
                )
            }
        } while (left > 0 && hasRoom())
        return offered - left
    }

    private fun hasRoom(): Boolean = records?.let { it.capacity() - it.limit() >= engine.session.packetBufferSize } ?: true

    /** Lets the engine add one record to [records]. */
    private inline fun wrap(step: (ByteBuffer) -> SSLEngineResult): SSLEngineResult {
        val into = roomForOne()
        val start = into.position()
        into.bounds(into.limit(), into.capacity())
        try {
            return step(into)
        } finally {
            into.bounds(start, into.position())
            if (!into.hasRemaining()) release()
        }
    }

    private fun roomForOne(): ByteBuffer {
        val size = engine.session.packetBufferSize
        val now = records ?: return PacketBuffers.borrow(size).also { records = it }.bounds(0, 0)
        if (now.capacity() - now.limit() >= size) return now
        val larger = PacketBuffers.borrow(now.remaining() + size)
        larger.bounds(0, larger.capacity())
        larger.put(now)
        larger.bounds(0, larger.position())
        PacketBuffers.giveBack(now)
        records = larger
        return larger
    }

    private fun Array<ByteBuffer>.remaining(count: Int): Long = (0 until count).sumOf { this[it].remaining().toLong() }
}
