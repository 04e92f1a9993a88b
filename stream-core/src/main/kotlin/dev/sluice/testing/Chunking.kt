package dev.sluice.testing

import kotlin.random.Random

/**
 * In what pieces an in-memory stream hands out its bytes: how many one read yields at most. A protocol that is read right
 * gives the same result for every chunking.
 *
 * ```kotlin
 * val (client, server) = memoryTransportPair(chunking = Chunking.OneByte)
 * ```
 */
public class Chunking private constructor(
    private val name: String,
    private val newSizes: () -> ChunkSizes,
) {
    /** The sizes for one direction of one stream, so that a random sequence doesn't depend on what others read. */
    internal fun sizes(): ChunkSizes = newSizes()

    override fun toString(): String = name

    public companion object {
        /** Whatever is there and fits. */
        @JvmField
        public val AsItComes: Chunking = Chunking("AsItComes") { ChunkSizes { Int.MAX_VALUE } }

        /** A byte at a time. */
        @JvmField
        public val OneByte: Chunking = Chunking("OneByte") { ChunkSizes { 1 } }

        /** At most [size] bytes at a time. */
        public fun fixed(size: Int): Chunking {
            require(size > 0) { "a chunk has at least one byte, not $size" }
            return Chunking("fixed($size)") { ChunkSizes { size } }
        }

        /** Up to 4 KiB at a time, small pieces as likely as large ones; the same [seed] gives the same sizes. */
        public fun random(seed: Long): Chunking = Chunking("random($seed)") { RandomSizes(Random(seed)) }
    }
}

/** Says how large the next chunk may be; at least 1. */
internal fun interface ChunkSizes {
    fun next(): Int
}

private class RandomSizes(
    private val random: Random,
) : ChunkSizes {
    // A random magnitude first: evenly spread sizes would hardly ever be small.
    override fun next(): Int = 1 + random.nextInt(1 shl random.nextInt(MAGNITUDES))

    private companion object {
        const val MAGNITUDES = 13
    }
}
