package dev.sluice

import java.nio.ByteBuffer

/**
 * One or more separators, made ready for a search that looks at each byte once: an Aho-Corasick automaton.
 *
 * A state is how much of which separators the last bytes could be. State 0 is none. From a state, a byte leads to a longer
 * beginning ([child]), or to the longest shorter one that ends with the same bytes ([fallback]).
 */
internal class Separators(
    private val separators: Array<out ByteArray>,
) {
    val longest: Int = separators.maxOf { it.size }

    /** The bytes that separators start with, each once. */
    private val firstBytes = separators.map { it[0] }.distinct()
    val firstByte: Byte = firstBytes[0]
    val isSingleByte: Boolean = firstBytes.size == 1 && longest == 1

    /** For a search that jumps from one to the next; too many of them are looked for one byte at a time. */
    private val jumps: LongArray? = firstBytes.takeIf { it.size <= MAX_JUMPS }?.map(::eightOf)?.toLongArray()

    /** Of a single one that fits into a word: that word, and which bytes of it count. */
    private val word: Long
    private val wordMask: Long

    private val states = 1 + separators.sumOf { it.size }
    private val label = ByteArray(states)
    private val firstChild = IntArray(states)
    private val nextSibling = IntArray(states)
    private val fallback = IntArray(states)
    private val depth = IntArray(states)

    /** The shortest separator that ends in a state; 0 if none does. */
    private val shortestMatch = IntArray(states)
    private var used = 1

    init {
        val single = separators.singleOrNull()?.takeIf { it.size in 2..Long.SIZE_BYTES }
        word = single?.foldRight(0L) { byte, above -> (above shl Byte.SIZE_BITS) or (byte.toLong() and 0xFF) } ?: 0
        wordMask = single?.let { -1L ushr ((Long.SIZE_BYTES - it.size) * Byte.SIZE_BITS) } ?: 0
        separators.forEach(::add)
        linkFallbacks()
    }

    fun isSame(others: Array<out ByteArray>): Boolean {
        if (others.size != separators.size) return false
        for (i in others.indices) {
            if (!others[i].contentEquals(separators[i])) return false
        }
        return true
    }

    fun next(
        state: Int,
        byte: Byte,
    ): Int {
        var from = state
        while (true) {
            val to = child(from, byte)
            if (to != 0 || from == 0) {
                return to
            }
            from = fallback[from]
        }
    }

    /** The next byte that may begin a separator, or -1. */
    fun indexOfFirstByte(
        bytes: ByteBuffer,
        from: Int,
        to: Int,
    ): Int =
        when {
            jumps == null -> from
            wordMask != 0L -> bytes.indexOfBeginning(word, wordMask, from, to)
            jumps.size == 1 -> bytes.indexOfByte(firstByte, from, to)
            else -> bytes.indexOfAnyByte(jumps, from, to)
        }

    fun matchLength(state: Int): Int = shortestMatch[state]

    /** How many of the last bytes could be the beginning of a separator. */
    fun depth(state: Int): Int = depth[state]

    private fun add(separator: ByteArray) {
        var state = 0
        for (byte in separator) {
            val existing = child(state, byte)
            state = if (existing != 0) existing else addChild(state, byte)
        }
        shortestMatch[state] = separator.size
    }

    private fun addChild(
        parent: Int,
        byte: Byte,
    ): Int {
        val new = used++
        label[new] = byte
        depth[new] = depth[parent] + 1
        nextSibling[new] = firstChild[parent]
        firstChild[parent] = new
        return new
    }

    private fun child(
        state: Int,
        byte: Byte,
    ): Int {
        var candidate = firstChild[state]
        while (candidate != 0 && label[candidate] != byte) {
            candidate = nextSibling[candidate]
        }
        return candidate
    }

    /** Breadth first, because a fallback is always shorter than the state it serves. */
    private fun linkFallbacks() {
        val queue = ArrayDeque<Int>()
        queue.add(0)
        while (queue.isNotEmpty()) {
            val state = queue.removeFirst()
            var child = firstChild[state]
            while (child != 0) {
                fallback[child] = if (state == 0) 0 else next(fallback[state], label[child])
                val shorter = shortestMatch[fallback[child]]
                if (shorter != 0) {
                    shortestMatch[child] = shorter
                }
                queue.add(child)
                child = nextSibling[child]
            }
        }
    }

    companion object {
        private const val MAX_JUMPS = 4

        val Newline: Separators = Separators(arrayOf(byteArrayOf('\n'.code.toByte())))

        /** @throws IllegalArgumentException one of them is empty */
        fun of(separators: Array<out ByteArray>): Separators {
            require(separators.none { it.isEmpty() }) { "a separator must have at least one byte" }
            // Copied, because the caller may change its arrays afterwards.
            return Separators(Array(separators.size) { separators[it].copyOf() })
        }
    }
}
