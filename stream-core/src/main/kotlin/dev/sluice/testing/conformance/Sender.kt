package dev.sluice.testing.conformance

import kotlinx.coroutines.yield
import java.nio.ByteBuffer

/** Writes the bytes of a pattern, and knows how many the transport has taken. */
internal class Sender(
    val probe: Probe,
    seed: Long,
) {
    private val pattern = Pattern(seed)
    private val buffers = TestBuffers()
    private val idle = IdleReturns("awaitWritable")
    private val givingWay = GivingWay()

    private var steps = 0L

    var sent = 0L
        private set

    /** How often a wait for room has returned for nothing since the last byte was taken. */
    val idleReturns: Int get() = idle.count

    /** Offers [size] more bytes once; how many were taken. */
    fun trySend(size: Int): Int = trySend(next(size))

    /** Sends [count] more bytes, in pieces of [size] at most. */
    suspend fun send(
        count: Long,
        size: Int = DEFAULT_PIECE,
    ) {
        val end = sent + count
        while (sent < end) sendPiece(minOf(size.toLong(), end - sent).toInt())
    }

    /** Sends [count] more bytes, or fewer where they go in so many steps that they would take too long. */
    suspend fun sendMuch(
        count: Long,
        size: Int,
    ) {
        val end = sent + count
        val lastStep = steps + MOST_STEPS
        while (sent < end && steps < lastStep) sendPiece(minOf(size.toLong(), end - sent).toInt(), lastStep)
    }

    /** Sends until that fails. */
    suspend fun sendForever() {
        while (true) send(DEFAULT_PIECE.toLong())
    }

    /** Waits until a byte is taken. */
    suspend fun awaitRoom() {
        idle.progress()
        while (trySend(1) == 0) awaitWritable()
    }

    /** Sends until nothing more is taken; false if there seems to be no bound, or none that is near in steps as small as these. */
    suspend fun clog(): Boolean {
        val lastStep = steps + MOST_CLOG_STEPS
        while (sent < UNBOUNDED && steps < lastStep) {
            val buffer = next(CLOG_PIECE)
            while (buffer.hasRemaining() && steps < lastStep) {
                if (trySend(buffer) > 0) continue
                // What was taken may still be on its way to where it waits for the receiver.
                repeat(SETTLING_TURNS) { yield() }
                if (trySend(buffer) == 0) return true
            }
        }
        return false
    }

    private suspend fun sendPiece(
        size: Int,
        lastStep: Long = Long.MAX_VALUE,
    ) {
        val buffer = next(size)
        idle.progress()
        while (buffer.hasRemaining() && steps < lastStep) {
            if (trySend(buffer) > 0) idle.progress() else awaitWritable()
            givingWay.now()
        }
    }

    private suspend fun awaitWritable() {
        probe.awaitWritable()
        idle.returned()
    }

    private fun next(size: Int) = buffers.forWriting(size, pattern, sent)

    private fun trySend(buffer: ByteBuffer): Int {
        steps++
        val position = buffer.position()
        val count = probe.tryWrite(buffer)
        if (count > 0 && buffer.get(position) != pattern.byteAt(sent)) {
            violated("tryWrite leaves the bytes in its buffer as they are", "${pattern.byteAt(sent)}", "${buffer.get(position)}")
        }
        sent += count
        return count
    }

    internal companion object {
        const val DEFAULT_PIECE = 1000
        const val UNBOUNDED = 64L shl 20
        private const val CLOG_PIECE = 64 * 1024
        private const val SETTLING_TURNS = 100
        private const val MOST_STEPS = 10_000
        private const val MOST_CLOG_STEPS = 200_000
    }
}
