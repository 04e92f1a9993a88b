package dev.sluice.testing.conformance

import java.io.IOException
import java.nio.ByteBuffer

private const val STEADY_END = "the end of the stream is reported each time"
private const val GUARDED = "tryRead moves bytes between the position and the limit of its buffer"

/** Reads the bytes of a pattern, and looks at each of them. */
internal class Receiver(
    val probe: Probe,
    seed: Long,
) {
    private val pattern = Pattern(seed)
    private val buffers = TestBuffers()
    private val idle = IdleReturns("awaitReadable")
    private val givingWay = GivingWay()

    var received = 0L
        private set

    /** Reads once; the result is that of `tryRead`. */
    fun tryReceive(size: Int): Int {
        val buffer = buffers.forReading(size)
        val count = probe.tryRead(buffer)
        if (!buffers.isGuarded(buffer, size)) violated(GUARDED, "no byte of the buffer changed outside of them", "one change")
        examine(buffer, count)
        return count
    }

    /** Reads when there is something to read; -1 at the end. */
    suspend fun receive(size: Int = DEFAULT_ROOM): Int {
        idle.progress()
        givingWay.now()
        while (true) {
            val count = tryReceive(size)
            if (count != 0) return count
            probe.awaitReadable()
            idle.returned()
        }
    }

    /** Reads until [total] bytes have come since the beginning. */
    suspend fun receiveUntil(
        total: Long,
        size: Int = DEFAULT_ROOM,
    ): Unit = receiveUntil({ total }, size)

    /** The same with a [total] that may become smaller while bytes come. */
    suspend fun receiveUntil(
        total: () -> Long,
        size: Int,
    ) {
        while (received < total()) {
            val room = minOf(size.toLong(), total() - received).toInt()
            if (receive(room) < 0) violated(probe.rule, "more than $received bytes before the end", "the end")
        }
    }

    /** Reads to the end, which must come after as many bytes as [total] says by then, and stay. */
    suspend fun receiveToEnd(total: () -> Long) {
        receiveAll()
        if (received < total()) violated(probe.rule, "all of ${total()} bytes before the end", "$received")
        if (received > total()) violated(probe.rule, "the end after ${total()} bytes", "$received bytes")
        repeat(REPEATS) {
            probe.awaitReadable()
            val count =
                try {
                    tryReceive(1)
                } catch (e: IOException) {
                    violated(STEADY_END, "tryRead to be -1 again after the end", "$e", e)
                }
            if (count != -1) violated(STEADY_END, "tryRead to be -1 again after the end", "$count")
        }
    }

    /** Reads until the end, or until that fails. */
    suspend fun receiveAll() {
        while (receive() > 0) continue
    }

    private fun examine(
        buffer: ByteBuffer,
        count: Int,
    ) {
        for (index in 0 until count) {
            val expected = pattern.byteAt(received)
            val seen = buffer.get(TestBuffers.MARGIN + index)
            if (seen != expected) violated(probe.rule, "$expected as byte $received of what was written", "$seen")
            received++
        }
    }

    internal companion object {
        const val DEFAULT_ROOM = 8192
        private const val REPEATS = 3
    }
}
