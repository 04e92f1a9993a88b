package dev.sluice

import java.nio.ByteBuffer

/**
 * A search for separators through bytes that come piece by piece: asked again after more came, or after a cancellation, it
 * goes on where it stopped, and looks at no byte twice. The match that ends first wins, and of those that end in one place
 * the shortest.
 */
internal class SeparatorSearch {
    private var separators = Separators.Newline

    /** So many bytes from the first one on are known to hold no match. */
    private var searched = 0
    private var state = 0

    /** The length of the separator that was found last. */
    var matchLength = 0
        private set

    /** How many of the bytes looked at last could still become a separator. */
    val undecided: Int get() = separators.depth(state)

    /** Looks for [wanted] in the bytes from [start] until [end]; how many there are through the first match, 0 without one. */
    fun lengthThrough(
        wanted: Separators,
        bytes: ByteBuffer,
        start: Int,
        end: Int,
    ): Int {
        if (wanted !== separators) {
            separators = wanted
            restart()
        }
        val found = if (wanted.isSingleByte) endOfByte(bytes, start + searched, end) else endOfAny(bytes, start + searched, end)
        if (found < 0) {
            searched = end - start
            return 0
        }
        searched = found - start - matchLength
        state = 0
        return found - start
    }

    /** Hears that the first [count] bytes are gone. */
    fun drop(count: Int) {
        searched = maxOf(0, searched - count)
        if (state != 0 && searched < undecided) restart()
    }

    private fun restart() {
        searched = 0
        state = 0
    }

    private fun endOfByte(
        bytes: ByteBuffer,
        from: Int,
        to: Int,
    ): Int {
        matchLength = 1
        val found = bytes.indexOfByte(separators.firstByte, from, to)
        return if (found < 0) -1 else found + 1
    }

    private fun endOfAny(
        bytes: ByteBuffer,
        from: Int,
        to: Int,
    ): Int {
        val separators = separators
        var state = state
        var i = from
        while (i < to) {
            if (state == 0) {
                i = separators.indexOfFirstByte(bytes, i, to)
                if (i < 0) break
            }
            state = separators.next(state, bytes.get(i++))
            matchLength = separators.matchLength(state)
            if (matchLength != 0) return i
        }
        this.state = state
        return -1
    }
}
