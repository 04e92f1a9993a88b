package dev.sluice

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.io.IOException

internal class ReadExactlyTest : FunSpec({
    readerTest("R-012 readExactly(0) is empty at once, also at the end") {
        val reader = readerOf("a")
        reader.readExactly(0).latin1 shouldBe ""
        reader.read().latin1 shouldBe "a"
        reader.atEof shouldBe true
        reader.readExactly(0).latin1 shouldBe ""
    }

    readerTest("R-013 a negative size is refused before anything else, and takes nothing") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        feed.feed("abc")
        reader.read(1).latin1 shouldBe "a"
        shouldThrow<IllegalArgumentException> { reader.readExactly(-1) }.message shouldBe "can't read -1 bytes"
        shouldThrow<IllegalArgumentException> { reader.skip(-1) }.message shouldBe "can't skip -1 bytes"
        feed.fail(IOException("broken"))
        reader.read(5).latin1 shouldBe "bc"
        shouldThrow<IOException> { reader.read(5) }.message shouldBe "broken"
        shouldThrow<IllegalArgumentException> { reader.readExactly(-1) }
        shouldThrow<IllegalArgumentException> { reader.skip(-1) }
        reader.close()
        shouldThrow<IllegalArgumentException> { reader.readExactly(-1) }
    }

    readerTest("R-014 readExactly takes exactly so many bytes and leaves the rest") {
        inEveryChunking("abcdef") { reader ->
            reader.readExactly(4).latin1 shouldBe "abcd"
            reader.read().latin1 shouldBe "ef"
        }
        inEveryChunking("abc") { reader ->
            reader.readExactly(3).latin1 shouldBe "abc"
            reader.read().latin1 shouldBe ""
        }
    }

    readerTest("R-014 readExactly waits until all of them are there") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        val read = waiting { reader.readExactly(4) }
        feed.feed("abc")
        stillWaits(read)
        feed.feed("de")
        read.await().latin1 shouldBe "abcd"
        reader.read(5).latin1 shouldBe "e"
    }

    readerTest("R-015 at the end readExactly throws with what came, empties the buffer, and throws again with nothing") {
        inEveryChunking("abc") { reader ->
            val first = shouldThrow<IncompleteReadException> { reader.readExactly(5) }
            first.partial.latin1 shouldBe "abc"
            first.expected shouldBe 5
            first.message shouldBe "the stream ended after 3 of 5 bytes"
            reader.atEof shouldBe true
            repeat(2) {
                val again = shouldThrow<IncompleteReadException> { reader.readExactly(5) }
                again.partial.latin1 shouldBe ""
                again.expected shouldBe 5
            }
        }
    }

    readerTest("R-017 readExactly of more than the limit, and than any buffer, waits and gives all of it") {
        val size = 1_000_000
        val data = ByteArray(size) { (it * 31 ushr 3).toByte() }
        for (piece in listOf(1_000, READ_SIZE, size)) {
            val feed = StreamFeed()
            val reader = StreamReader(feed, limit = 16)
            val read = waiting { reader.readExactly(size) }
            for (from in data.indices step piece) {
                stillWaits(read)
                feed.feed(data.copyOfRange(from, minOf(from + piece, size)))
            }
            feed.feed("rest")
            read.await().contentEquals(data) shouldBe true
            reader.read(10).latin1 shouldBe "rest"
        }
    }
})
