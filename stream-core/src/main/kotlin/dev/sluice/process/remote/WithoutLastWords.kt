@file:NotOnAndroid

package dev.sluice.process.remote

import dev.sluice.NotOnAndroid
import dev.sluice.process.pipes.ChildOutput
import java.nio.ByteBuffer

/**
 * An output at whose end the client of another place may say something of its own: a line of [words] and a number. That is no part of what the
 * command wrote. What may yet turn out to be the beginning of it is held back until more is known, if it is [least] long.
 */
@NotOnAndroid
internal class WithoutLastWords(
    private val inner: ChildOutput,
    private val words: String,
    private val least: Int = 1,
) : ChildOutput by inner {
    private var ready: ByteBuffer = NOTHING
    private var held = ""
    private val chunk = ByteBuffer.allocate(CHUNK_SIZE)

    override fun tryRead(into: ByteBuffer): Int {
        while (!ready.hasRemaining()) {
            val count = inner.tryRead(chunk)
            if (count == 0) return 0
            if (count < 0 && (held.isEmpty() || isComplete(held))) return -1
            divide(count)
        }
        val count = minOf(ready.remaining(), into.remaining())
        val end = ready.limit()
        ready.limit(ready.position() + count)
        into.put(ready)
        ready.limit(end)
        return count
    }

    private fun divide(count: Int) {
        val all = held + String(chunk.array(), 0, maxOf(count, 0), Charsets.ISO_8859_1)
        chunk.position(0)
        val longest = words.length + MOST_AFTER_WORDS
        val cut =
            if (count <
                0
            ) {
                all.length
            } else {
                (maxOf(0, all.length - longest)..all.length).first { mayBeLast(all.substring(it)) }
            }
        held = all.substring(cut)
        ready = ByteBuffer.wrap(all.substring(0, cut).toByteArray(Charsets.ISO_8859_1))
    }

    private fun mayBeLast(tail: String) =
        when {
            tail.isEmpty() -> true
            tail.length <= words.length -> tail.length >= least && words.startsWith(tail)
            else -> tail.startsWith(words) && NUMBER.matches(tail.substring(words.length))
        }

    private fun isComplete(tail: String) = tail.startsWith(words) && tail.endsWith("\n")

    override fun isSettled(): Boolean = inner.isSettled() && !ready.hasRemaining() && (held.isEmpty() || isComplete(held))

    private companion object {
        const val CHUNK_SIZE = 4096

        /** A number of three digits, and the end of the line on a terminal. */
        const val MOST_AFTER_WORDS = 5
        val NUMBER = Regex("[0-9]{1,3}\r?\n?")
        val NOTHING: ByteBuffer = ByteBuffer.allocate(0)
    }
}
