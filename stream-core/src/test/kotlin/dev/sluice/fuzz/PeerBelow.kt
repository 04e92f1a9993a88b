package dev.sluice.fuzz

import dev.sluice.StreamClosedException
import dev.sluice.StreamInfo
import dev.sluice.transport.Transport
import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer

/** The other side, which speaks when it is waited for. */
internal interface FuzzedPeer {
    /** What it says to [heard]; null when it says nothing more. */
    fun answer(heard: ByteArray): ByteArray?

    /** What it wants to be read by who understands it. */
    val text: ByteArray

    /** What it has understood. */
    val heard: ByteArray
}

/**
 * A transport without a thread or a wait of its own: whoever waits for the peer has it speak, and when it says nothing more that
 * is the end. Takes at most [room] bytes at a time, and gives at most [pieces].
 */
internal class PeerBelow(
    private val peer: FuzzedPeer,
    private val room: Int,
    private val pieces: Int,
) : Transport {
    private val said = ByteArrayOutputStream()
    private var coming = ByteBuffer.allocate(0)
    private var hasEnded = false
    private var hasRoom = true
    private var waits = 0

    @Volatile
    var isClosed = false
        private set

    override val info: StreamInfo = StreamInfo.None
    override val canWriteEof: Boolean = true

    override fun tryRead(into: ByteBuffer): Int {
        checkOpen()
        check(into.capacity() <= MOST_ROOM) { "room of ${into.capacity()} bytes for records that have less" }
        if (!coming.hasRemaining()) return if (hasEnded) -1 else 0
        val count = minOf(pieces, into.remaining(), coming.remaining())
        into.put(ByteArray(count).also(coming::get))
        return count
    }

    override suspend fun awaitReadable() {
        checkOpen()
        check(waits++ < MOST_WAITS) { "it waits over and over" }
        if (coming.hasRemaining() || hasEnded) return
        val answer = peer.answer(said.toByteArray().also { said.reset() })
        if (answer == null) hasEnded = true else coming = ByteBuffer.wrap(answer)
    }

    override fun tryWrite(from: ByteBuffer): Int {
        checkOpen()
        if (!hasRoom) return 0
        val count = minOf(room, from.remaining())
        said.write(ByteArray(count).also(from::get))
        hasRoom = !from.hasRemaining()
        return count
    }

    override suspend fun awaitWritable() {
        checkOpen()
        hasRoom = true
    }

    override fun writeEof(): Unit = checkOpen()

    override fun close() {
        isClosed = true
    }

    override fun abort(): Unit = close()

    private fun checkOpen() {
        if (isClosed) throw StreamClosedException("the transport was closed")
    }

    private companion object {
        /** As much as is borrowed for records, and twice the largest that an engine takes. */
        const val MOST_ROOM = 4 * (16 * 1024 + 512)
        const val MOST_WAITS = 100_000
    }
}
