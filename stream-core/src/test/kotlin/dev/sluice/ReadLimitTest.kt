package dev.sluice

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.flow.toList

internal class ReadLimitTest : FunSpec({
    readerTest("R-001 the limit is 65,536 unless given, may be 1, and must be positive") {
        StreamReader(StreamFeed()).limit shouldBe 65_536
        DEFAULT_LIMIT shouldBe 65_536
        val tiny = readerOf("a\nbc\n", limit = 1)
        tiny.limit shouldBe 1
        tiny.readLine() shouldBe "a"
        shouldThrow<LimitOverrunException> { tiny.readLine() }
        for (limit in listOf(0, -1, Int.MIN_VALUE)) {
            shouldThrow<IllegalArgumentException> { StreamReader(StreamFeed(), limit) }.message shouldContain "$limit"
        }
    }

    readerTest("R-001 the limit that nobody gave lets 65,536 bytes pass before the newline, and no more") {
        val line = "x".repeat(65_536)
        readerOf("$line\n").readLine() shouldBe line
        readerOf(line).readLine() shouldBe line
        shouldThrow<LimitOverrunException> { readerOf("x$line\n").readLine() }.consumed shouldBe 65_537
        shouldThrow<LimitOverrunException> { readerOf("x$line").readLine() }
    }

    readerTest("R-022 a line of exactly limit bytes passes, its end not counted, with and without the end of the stream") {
        inEveryChunking("1234567\n1234567", limit = 7) { reader ->
            reader.readLineBytes().latin1 shouldBe "1234567\n"
            reader.readLineBytes().latin1 shouldBe "1234567"
        }
        val feed = StreamFeed()
        val reader = StreamReader(feed, limit = 7)
        feed.feed("1234567")
        val line = waiting { reader.readLineBytes() }
        feed.feed("\n")
        line.await().latin1 shouldBe "1234567\n"
    }

    readerTest("R-023 a longer line throws, nothing is consumed, and there are two ways on") {
        for (read in lineReads) {
            inEveryChunking("12345678\nrest", limit = 7) { reader ->
                val overrun = shouldThrow<LimitOverrunException> { read(reader) }
                overrun.consumed shouldBe 8
                overrun.limit shouldBe 7
                reader.readExactly(overrun.consumed).latin1 shouldBe "12345678"
                reader.readLineBytes().latin1 shouldBe "\n"
                reader.readLineBytes().latin1 shouldBe "rest"
            }
            inEveryChunking("12345678\nrest", limit = 7) { reader ->
                shouldThrow<LimitOverrunException> { read(reader) }
                reader.skipUntil() shouldBe 9
                reader.readLineBytes().latin1 shouldBe "rest"
            }
        }
    }

    readerTest("R-024 it throws as soon as the line is too long, not waiting for its end") {
        for (read in lineReads) {
            val feed = StreamFeed()
            val reader = StreamReader(feed, limit = 7)
            feed.feed("12345678")
            shouldThrow<LimitOverrunException> { read(reader) }.consumed shouldBe 8
            reader.read(100).latin1 shouldBe "12345678"
        }
    }

    readerTest("R-025 skipUntil drops a long line whole, also what of it comes later; catching alone meets it again") {
        val feed = StreamFeed()
        val reader = StreamReader(feed, limit = 7)
        feed.feed("12345678")
        repeat(3) { shouldThrow<LimitOverrunException> { reader.readLine() } }
        val skipped = waiting { reader.skipUntil() }
        feed.feed("90\nnext\n")
        skipped.await() shouldBe 11
        reader.readLine() shouldBe "next"

        inEveryChunking("1234567890\nnext\n", limit = 7) { whole ->
            repeat(2) { shouldThrow<LimitOverrunException> { whole.readLineBytes() } }
            whole.skipUntil() shouldBe 11
            whole.readLineBytes().latin1 shouldBe "next\n"
        }
    }

    readerTest("R-026 a last line that is too long throws, stays, and can be had in pieces; then the end") {
        for (read in lineReads) {
            inEveryChunking("12345678", limit = 7) { reader ->
                repeat(2) { shouldThrow<LimitOverrunException> { read(reader) }.consumed shouldBe 8 }
                reader.atEof shouldBe false
                reader.readExactly(5).latin1 shouldBe "12345"
                reader.readLineBytes().latin1 shouldBe "678"
                reader.readLineBytes().latin1 shouldBe ""
                reader.atEof shouldBe true
            }
        }
    }

    readerTest("R-028 a loop throws at a line that is too long; after skipping it a new loop goes on") {
        inEveryChunking("a\n12345678\nb\n", limit = 7) { reader ->
            val seen = mutableListOf<String>()
            shouldThrow<LimitOverrunException> { for (line in reader) seen += line.latin1 }.consumed shouldBe 8
            shouldThrow<LimitOverrunException> { for (line in reader) seen += line.latin1 }
            reader.skipUntil() shouldBe 9
            for (line in reader) seen += line.latin1
            seen shouldBe listOf("a\n", "b\n")
        }
        inEveryChunking("a\n12345678\nb\n", limit = 7) { reader ->
            shouldThrow<LimitOverrunException> { reader.lines().toList() }.consumed shouldBe 8
            reader.readLineBytesInPieces(8) shouldBe "12345678"
        }
    }

    readerTest("R-039 only the bytes before the separator count") {
        inEveryChunking("abcAA", limit = 3) { it.readUntil("AA").latin1 shouldBe "abcAA" }
        inEveryChunking("abcA", limit = 3) { it.readUntil("A").latin1 shouldBe "abcA" }
    }

    readerTest(
        "R-040 R-043 R-044 over the limit nothing is consumed, it repeats, and the bytes before it can be taken or skipped",
    ) {
        val buffered = readerOf("some dataAAA", limit = 3)
        repeat(3) {
            val overrun = shouldThrow<LimitOverrunException> { buffered.readUntil("AAA") }
            overrun.consumed shouldBe 9
            overrun.limit shouldBe 3
            overrun.message shouldBe "9 bytes without a separator are more than the limit of 3; " +
                "take them with readExactly(9), drop the part with skipUntil() and the same separators, or raise the limit"
        }
        inEveryChunking("some dataAAA", limit = 3) { reader -> reader.takeUntil("AAA") shouldBe "some dataAAA" }
        inEveryChunking("some dataAAA", limit = 3) { reader ->
            var passed = 0L
            while (true) {
                val overrun = overrunOf { passed += reader.readUntil("AAA").size } ?: break
                overrun.consumed shouldBeInRange 4..9
                passed += reader.skip(overrun.consumed.toLong())
            }
            passed shouldBe 12
        }
    }

    readerTest("R-041 not found: consumed is what can't be the beginning of a separator, by the longest of them") {
        val feed = StreamFeed()
        val reader = StreamReader(feed, limit = 3)
        feed.feed("some dataAA")
        repeat(2) { shouldThrow<LimitOverrunException> { reader.readUntil("AAA") }.consumed shouldBe 9 }
        shouldThrow<LimitOverrunException> { reader.readUntil("Q", "AAAAA") }.consumed shouldBe 7
        reader.read(100).latin1 shouldBe "some dataAA"
    }

    readerTest("R-042 the moment: once more bytes than the limit can't belong to a separator") {
        suspend fun StreamFeed.overrun(
            vararg separators: String,
            waitsFor: String,
            overrunsWith: String,
        ): Int {
            val reader = StreamReader(this, limit = 3)
            feed(waitsFor)
            val read = waiting { shouldThrow<LimitOverrunException> { reader.readUntil(*separators) } }
            feed(overrunsWith)
            return read.await().consumed
        }
        StreamFeed().overrun("AA", waitsFor = "abcd", overrunsWith = "e") shouldBe 4
        StreamFeed().overrun("AAAAAA", "B", waitsFor = "abcdef", overrunsWith = "ghij") shouldBe 5
        StreamFeed().overrun("AAAAAA", waitsFor = "abcdefgh", overrunsWith = "i") shouldBe 4
        StreamFeed().overrun("A", waitsFor = "abc", overrunsWith = "d") shouldBe 4
    }

    readerTest("R-042 it holds no more than that and one read of the source") {
        val feed = StreamFeed()
        val reader = StreamReader(feed, limit = 3)
        feed.feed("x".repeat(5 * READ_SIZE))
        shouldThrow<LimitOverrunException> { reader.readUntil("AA") }
        reader.buffered shouldBe READ_SIZE
        feed.pending shouldBe 4L * READ_SIZE
    }

    readerTest("R-045 a separator cut by the overrun is still found") {
        val feed = StreamFeed()
        val reader = StreamReader(feed, limit = 3)
        feed.feed("some dataAA")
        val overrun = shouldThrow<LimitOverrunException> { reader.readUntil("AAA") }
        reader.readExactly(overrun.consumed).latin1 shouldBe "some data"
        val separator = waiting { reader.readUntil("AAA") }
        feed.feed("Anext")
        separator.await().latin1 shouldBe "AAA"
        reader.read(100).latin1 shouldBe "next"
    }

    readerTest("R-046 at the end, too, a part that is too long is an overrun and stays") {
        inEveryChunking("abcdefgh", limit = 3) { reader ->
            shouldThrow<LimitOverrunException> { reader.readUntil("X") }.consumed shouldBeInRange 4..8
            shouldThrow<LimitOverrunException> { reader.readUntil("XY") }.consumed shouldBeInRange 4..7
            reader.atEof shouldBe false
            reader.read().latin1 shouldBe "abcdefgh"
            reader.atEof shouldBe true
        }
    }

    readerTest("R-047 the partial at the end may be longer than the limit by the separator's length less one") {
        inEveryChunking("abcd", limit = 3) { reader ->
            shouldThrow<IncompleteReadException> { reader.readUntil("AA") }.partial.latin1 shouldBe "abcd"
        }
        inEveryChunking("abcde", limit = 3) { reader ->
            shouldThrow<LimitOverrunException> { reader.readUntil("AA") }.consumed shouldBe 4
        }
    }

    readerTest("R-048 of two separators that end in one place the shortest counts") {
        inEveryChunking("ABCDEFG", limit = 1) { reader ->
            shouldThrow<LimitOverrunException> { reader.readUntil("CD", "BCD") }.consumed shouldBe 2
            shouldThrow<LimitOverrunException> { reader.readUntil("BCD", "CD") }.consumed shouldBe 2
            reader.readUntil("BCD").latin1 shouldBe "ABCD"
        }
    }

    readerTest("R-043 whether it overruns does not depend on the cuts, and consumed is more than the limit") {
        for (limit in 1..12) {
            inEveryChunking("abcabdabcabx", limit) { reader ->
                val overrun = overrunOf { reader.readUntil("abx", "zz").latin1 shouldBe "abcabdabcabx" }
                (overrun != null) shouldBe (limit < 9)
                if (overrun != null) {
                    overrun.consumed shouldBeGreaterThan limit
                    overrun.consumed shouldBeInRange limit + 1..9
                }
            }
        }
    }
})

private val lineReads: List<suspend (StreamReader) -> Any?> =
    listOf({ it.readLineBytes() }, { it.readLine() }, { it.readUntil() }, { it.iterator().hasNext() })

private suspend fun overrunOf(read: suspend () -> Unit): LimitOverrunException? =
    try {
        read()
        null
    } catch (e: LimitOverrunException) {
        e
    }

/** The way on that the exception names: what can be taken is taken, until the separator comes. */
private suspend fun StreamReader.takeUntil(separator: String): String {
    var taken = ""
    while (true) {
        try {
            return taken + readUntil(separator).latin1
        } catch (e: LimitOverrunException) {
            taken += readExactly(e.consumed).latin1
        }
    }
}

private suspend fun StreamReader.readLineBytesInPieces(length: Int): String {
    val overrun = shouldThrow<LimitOverrunException> { readLineBytes() }
    overrun.consumed shouldBe length
    return readExactly(length).latin1
}
