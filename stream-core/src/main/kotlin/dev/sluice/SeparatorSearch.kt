package dev.sluice

import java.nio.ByteBuffer

/**
 * One search for [separators] through bytes that come piece by piece: it goes on where it stopped, and looks at no byte
 * twice. The match that ends first wins, and of those that end in one place the shortest.
 */
internal class SeparatorSearch(
    private val separators: Separators,
) {
    private var state = 0

    /** The length of the separator that was found. */
    val matchLength: Int get() = separators.matchLength(state)

    /** How many of the bytes looked at last could still become a separator. */
    val undecided: Int get() = separators.depth(state)

    /** Looks at the bytes [from] until [to]; the index after the match, or -1. */
    fun findEnd(
        bytes: ByteBuffer,
        from: Int,
        to: Int,
    ): Int {
        var i = from
        while (i < to) {
            if (state == 0 && separators.firstByte != -1) {
                i = bytes.indexOfByte(separators.firstByte.toByte(), i, to)
                if (i < 0) {
                    return -1
                }
            }
            state = separators.next(state, bytes.get(i))
            i++
            if (matchLength != 0) {
                return i
            }
        }
        return -1
    }
}
