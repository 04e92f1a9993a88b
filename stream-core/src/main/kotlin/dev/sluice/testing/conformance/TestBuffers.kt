package dev.sluice.testing.conformance

import dev.sluice.bounds
import java.nio.ByteBuffer

/**
 * Buffers of every kind that a caller may bring, one kind after the other. Their position is not 0 and their limit is not
 * their capacity; what lies around the two is guarded. A buffer can be used until the next one is asked for.
 */
internal class TestBuffers {
    private enum class Kind { HEAP, SLICE, DIRECT, READ_ONLY }

    private val buffers = arrayOfNulls<ByteBuffer>(Kind.entries.size)
    private var next = 0

    /** A buffer with room for [size] bytes. */
    fun forReading(size: Int): ByteBuffer {
        val buffer = ofKind(Kind.entries[next++ % Kind.READ_ONLY.ordinal], size)
        for (index in 0 until MARGIN) {
            buffer.put(index, GUARD)
            buffer.put(MARGIN + size + index, GUARD)
        }
        return buffer.bounds(MARGIN, MARGIN + size)
    }

    /** A buffer with [size] bytes of [pattern], beginning with the one at [from]. */
    fun forWriting(
        size: Int,
        pattern: Pattern,
        from: Long,
    ): ByteBuffer {
        val kind = Kind.entries[next++ % Kind.entries.size]
        val buffer = ofKind(kind, size)
        for (index in 0 until size) buffer.put(MARGIN + index, pattern.byteAt(from + index))
        return (if (kind == Kind.READ_ONLY) buffer.asReadOnlyBuffer() else buffer).bounds(MARGIN, MARGIN + size)
    }

    /** Whether nothing was written around the room for [size] bytes. */
    fun isGuarded(
        buffer: ByteBuffer,
        size: Int,
    ): Boolean {
        val whole = buffer.duplicate().bounds(0, buffer.capacity())
        return (0 until MARGIN).all { whole.get(it) == GUARD && whole.get(MARGIN + size + it) == GUARD }
    }

    /** With position 0 and the capacity as the limit. */
    private fun ofKind(
        kind: Kind,
        size: Int,
    ): ByteBuffer {
        val capacity = size + 2 * MARGIN
        val known = buffers[kind.ordinal]
        val buffer = if (known == null || known.capacity() < capacity) allocate(kind, capacity) else known
        buffers[kind.ordinal] = buffer
        return buffer.bounds(0, buffer.capacity())
    }

    private fun allocate(
        kind: Kind,
        capacity: Int,
    ): ByteBuffer =
        when (kind) {
            Kind.HEAP, Kind.READ_ONLY -> ByteBuffer.allocate(capacity)
            Kind.SLICE -> ByteBuffer.allocate(capacity + MARGIN).bounds(MARGIN, capacity + MARGIN).slice()
            Kind.DIRECT -> ByteBuffer.allocateDirect(capacity)
        }

    internal companion object {
        const val MARGIN = 3
        private const val GUARD: Byte = 0x5a
    }
}
