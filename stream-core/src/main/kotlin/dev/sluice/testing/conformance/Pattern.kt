package dev.sluice.testing.conformance

/** An endless sequence of bytes in which each place can be told from its neighbours; every [seed] gives another one. */
internal class Pattern(
    private val seed: Long,
) {
    fun byteAt(index: Long): Byte {
        val mixed = (index + seed * PRIME) * GOLDEN
        return ((mixed xor (mixed ushr 29)) * PRIME ushr 56).toByte()
    }

    private companion object {
        const val GOLDEN = -0x61c8864680b583ebL
        const val PRIME = 0x5851f42d4c957f2dL
    }
}
