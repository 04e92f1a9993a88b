package dev.sluice

import dev.sluice.transport.ByteSource
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.cancelAndJoin
import java.nio.ByteBuffer

/**
 * That a search looks at no byte twice is shown by spoiling the bytes it has looked at: they become separators. A search that
 * looked at them again would end there.
 */
internal class SearchCostTest : FunSpec({
    val line = "x".repeat(20_000)

    readerTest("R-032 a line that comes byte by byte is searched once") {
        for (read in listOf<suspend (StreamReader) -> Int>({ it.readLineBytes().size }, { it.readUntil("\n").size }, {
            it.readLine()!!.length +
                1
        })) {
            val reader = StreamReader(SpoilingSource("$line\n", spoilWith = "\n"))
            read(reader) shouldBe line.length + 1
        }
        val reader = StreamReader(SpoilingSource("$line\n", spoilWith = "\n"))
        reader.iterator().hasNext() shouldBe true
        reader.buffered shouldBe line.length + 1
    }

    readerTest("R-032 a part with long separators that comes byte by byte is searched once") {
        val reader = StreamReader(SpoilingSource("$line\r\n\r\n", spoilWith = "\r\n\r\n"))
        reader.readUntil("\r\n\r\n", "--boundary--").size shouldBe line.length + 4
        val nearMisses = "\r\n\r".repeat(5_000)
        val other = StreamReader(SpoilingSource("$nearMisses--boundary--", spoilWith = "--boundary--"))
        other.readUntil("\r\n\r\n", "--boundary--").size shouldBe nearMisses.length + 12
    }

    readerTest("R-032 skipUntil keeps only what could begin a separator") {
        val spoiled = StreamReader(SpoilingSource("$line\r\n\r\n", spoilWith = "\r\n\r\n"))
        spoiled.skipUntil("\r\n\r\n", "x\n") shouldBe line.length + 4L

        var most = 0
        var whenAsked = {}
        val bytes = "$line\r\n\r\n".map { latin1(it.toString()) }
        val reader = StreamReader(PiecewiseSource(bytes, whenAsked = { whenAsked() }))
        whenAsked = { most = maxOf(most, reader.buffered) }
        reader.skipUntil("\r\n\r\n", "x\n") shouldBe line.length + 4L
        most shouldBe 3
    }

    readerTest("a line search that was cancelled again and again goes on where it stopped") {
        val feed = StreamFeed()
        val source = SpoilingFeed(feed, spoilWith = '\n')
        val reader = StreamReader(source)
        repeat(1_000) {
            feed.feed("x")
            waiting { reader.readLineBytes() }.cancelAndJoin()
        }
        feed.feed("\n")
        reader.readLineBytes().size shouldBe 1_001
    }

    test("a separator search takes each byte once, in whatever pieces: what it has seen may be gone") {
        val texts = listOf("abac", "cab", "bb")
        val separators = Separators.of(texts.map(::latin1).toTypedArray())
        for (input in listOf("aabac", "abacab", "ababac", "cacab", "aaabb", "ccccab", "acacabb")) {
            val expected = input.indices.first { end -> texts.any { input.take(end + 1).endsWith(it) } } + 1
            for (piece in 1..input.length) {
                val search = SeparatorSearch()
                val lengths =
                    (input.indices step piece).map { from ->
                        val to = minOf(from + piece, input.length)
                        val bytes = newReadBuffer(input.length)
                        (from until to).forEach { bytes.put(it, input[it].code.toByte()) }
                        search.lengthThrough(separators, bytes, 0, to)
                    }
                lengths.first { it != 0 } shouldBe expected
            }
        }
    }

    test("undecided is how much of the last bytes could begin a separator") {
        val separators = Separators.of(arrayOf(latin1("abab"), latin1("bb")))

        fun undecidedAfter(input: String): Int {
            val search = SeparatorSearch()
            val bytes = newReadBuffer(input.length).put(latin1(input))
            search.lengthThrough(separators, bytes, 0, input.length) shouldBe 0
            return search.undecided
        }
        undecidedAfter("x") shouldBe 0
        undecidedAfter("xa") shouldBe 1
        undecidedAfter("aba") shouldBe 3
        undecidedAfter("abaa") shouldBe 1
        undecidedAfter("ab") shouldBe 2
        undecidedAfter("aab") shouldBe 2
        undecidedAfter("b") shouldBe 1
        undecidedAfter("abx") shouldBe 0
    }

    readerTest("the limit ends a search that finds nothing, whatever comes") {
        val reader = StreamReader(SpoilingSource(line, spoilWith = "\n"), limit = 1_000)
        shouldThrow<LimitOverrunException> { reader.readLineBytes() }.consumed shouldBe 1_001
    }
})

/** Gives a byte at a time, and overwrites the bytes that it gave before in the reader's buffer. */
private class SpoilingSource(
    text: String,
    private val spoilWith: String,
) : ByteSource {
    private val bytes = latin1(text)
    private var next = 0

    override fun tryRead(into: ByteBuffer): Int {
        if (next == bytes.size) return -1
        spoil(into)
        into.put(bytes[next++])
        return 1
    }

    private fun spoil(into: ByteBuffer) {
        val recent = maxOf(0, into.position() - spoilWith.length)
        for (i in recent until into.position()) into.put(i, spoilWith[i - recent].code.toByte())
    }

    override suspend fun awaitReadable(): Unit = Unit

    override fun close(): Unit = Unit
}

private class SpoilingFeed(
    private val feed: StreamFeed,
    private val spoilWith: Char,
) : ByteSource by feed {
    override fun tryRead(into: ByteBuffer): Int {
        for (i in 0 until into.position()) into.put(i, spoilWith.code.toByte())
        return feed.tryRead(into)
    }
}
