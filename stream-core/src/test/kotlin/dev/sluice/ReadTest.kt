package dev.sluice

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.io.IOException
import java.nio.ByteBuffer

internal class ReadTest : FunSpec({
    readerTest("R-003 every result is an array of its own, changed by nobody") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        feed.feed("abcabc")
        val first = reader.read(3)
        first.fill(0)
        reader.read(3).latin1 shouldBe "abc"

        // As many bytes as the storage holds, which then becomes the result instead of being copied.
        val all = ByteArray(READ_SIZE) { it.toByte() }
        feed.feed(all)
        val whole = reader.readExactly(READ_SIZE)
        repeat(40) { StreamReader(StreamFeed().apply { feed(ByteArray(READ_SIZE)) }).read(1) }
        feed.feed(ByteArray(READ_SIZE))
        reader.read(10)
        whole shouldBe all
    }

    readerTest("R-006 read(0) is empty at once, with bytes there, with none, and at the end") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        reader.read(0).latin1 shouldBe ""
        feed.feed("abc")
        reader.read(0).latin1 shouldBe ""
        reader.read(1).latin1 shouldBe "a"
        reader.read(0).latin1 shouldBe ""
        reader.read(5).latin1 shouldBe "bc"
        feed.feedEof()
        reader.read(0).latin1 shouldBe ""
        reader.atEof shouldBe false
        reader.read(5).latin1 shouldBe ""
        reader.read(0).latin1 shouldBe ""
    }

    readerTest("R-007 read(0) and readExactly(0) are empty after a failure and after close, too") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        feed.fail(IOException("broken"))
        shouldThrow<IOException> { reader.read(1) }.message shouldBe "broken"
        reader.read(0).latin1 shouldBe ""
        reader.readExactly(0).latin1 shouldBe ""
        reader.close()
        reader.read(0).latin1 shouldBe ""
        reader.readExactly(0).latin1 shouldBe ""
    }

    readerTest("R-008 read(n) takes at most n bytes of what is there, and does not wait for more") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        feed.feed("abc")
        reader.read(2).latin1 shouldBe "ab"
        reader.buffered shouldBe 1
        reader.read(10).latin1 shouldBe "c"
    }

    readerTest("R-009 read(n) with nothing there waits for the first delivery, and leaves what is over n") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        val read = waiting { reader.read(2) }
        feed.feed("abc")
        read.await().latin1 shouldBe "ab"
        reader.read(2).latin1 shouldBe "c"
        val next = waiting { reader.read(100) }
        feed.feed("d")
        next.await().latin1 shouldBe "d"
    }

    readerTest("R-010 read(n) until the end, and then empty for ever") {
        val reader = readerOf("abc")
        reader.read(2).latin1 shouldBe "ab"
        reader.read(2).latin1 shouldBe "c"
        repeat(3) { reader.read(2).latin1 shouldBe "" }
    }

    readerTest("R-011 read() and every negative size wait for the end and join everything, over the limit too") {
        for (size in listOf(-1, -5, Int.MIN_VALUE)) {
            inEveryChunking("ab\ncdefghijk", limit = 2) { reader ->
                reader.read(size).latin1 shouldBe "ab\ncdefghijk"
                repeat(2) { reader.read(size).latin1 shouldBe "" }
            }
        }
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        val all = waiting { reader.read() }
        feed.feed("ab")
        stillWaits(all)
        feed.feed("cd")
        stillWaits(all)
        feed.feedEof()
        all.await().latin1 shouldBe "abcd"
    }

    readerTest("R-002 the limit does not bound read and readExactly") {
        inEveryChunking("abcdefabcdef", limit = 2) { reader ->
            reader.readExactly(6).latin1 shouldBe "abcdef"
            reader.readExactly(6).latin1 shouldBe "abcdef"
        }
        val reader = readerOf("abcdefg", limit = 2)
        reader.read(5).latin1 shouldBe "abcde"
        reader.read().latin1 shouldBe "fg"
    }

    readerTest("read(into) moves what is there and fits, and counts it") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        val into = ByteBuffer.allocate(6)
        into.position(1).limit(5)
        val read = waiting { reader.read(into) }
        feed.feed("abc")
        read.await() shouldBe 3
        into.position() shouldBe 4
        feed.feed("de")
        reader.read(into) shouldBe 1
        into.hasRemaining() shouldBe false
        into.limit() shouldBe 5
        into.array().latin1 shouldBe "\u0000abcd\u0000"
        reader.read(5).latin1 shouldBe "e"
    }

    readerTest("read(into) serves buffers off the heap, and takes buffered bytes first") {
        val reader = readerOf("abcdef")
        reader.read(1).latin1 shouldBe "a"
        val into = ByteBuffer.allocateDirect(3)
        reader.read(into) shouldBe 3
        into.flip()
        ByteArray(3).also(into::get).latin1 shouldBe "bcd"
        reader.read().latin1 shouldBe "ef"
    }

    readerTest("read(into) is -1 at the end, again and again, and 0 at once with no room, whatever the state") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        reader.read(ByteBuffer.allocate(0)) shouldBe 0
        feed.feedEof()
        repeat(3) { reader.read(ByteBuffer.allocate(4)) shouldBe -1 }
        reader.atEof shouldBe true
        reader.read(ByteBuffer.allocate(0)) shouldBe 0
        reader.close()
        reader.read(ByteBuffer.allocate(0)) shouldBe 0
    }

    readerTest("R-013 read(into) refuses a read-only buffer before anything else") {
        val reader = readerOf("ab")
        shouldThrow<IllegalArgumentException> { reader.read(ByteBuffer.allocate(4).asReadOnlyBuffer()) }
        reader.read().latin1 shouldBe "ab"
        reader.close()
        shouldThrow<IllegalArgumentException> { reader.read(ByteBuffer.allocate(4).asReadOnlyBuffer()) }
    }
})
