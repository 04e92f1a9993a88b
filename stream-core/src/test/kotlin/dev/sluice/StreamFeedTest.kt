package dev.sluice

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import java.io.IOException
import java.nio.ByteBuffer

internal class StreamFeedTest : FunSpec({
    test("R-071 pending is the hint for a producer that can pause: it goes down as the reader takes") {
        val feed = StreamFeed()
        val reader = StreamReader(feed, limit = 4)
        feed.feed(ByteArray(8))
        feed.pending shouldBe 8
        feed.feed(ByteArray(1))
        feed.pending shouldBe 9
        reader.readExactly(4)
        feed.pending shouldBe 0
        reader.readExactly(5)
        val waiting = begun { reader.read() }
        feed.pending shouldBe 0
        feed.feed(ByteArray(3))
        feed.pending shouldBe 0
        feed.feedEof()
        waiting.await().getOrThrow().size shouldBe 3
    }

    test("R-071, R-072 nothing is taken before it is asked for, and one read takes no more than a buffer holds") {
        val feed = StreamFeed()
        val reader = StreamReader(feed, limit = 1024)
        feed.feed(patternBytes(1_000_000))
        feed.pending shouldBe 1_000_000
        reader.read(1) shouldBe patternBytes(1)
        (feed.pending >= 1_000_000 - READ_SIZE) shouldBe true
        (1_000_000 - feed.pending - 1 < READ_SIZE) shouldBe true
        feed.feedEof()
        reader.read() shouldBe patternBytes(1_000_000).copyOfRange(1, 1_000_000)
        feed.pending shouldBe 0
    }

    test("R-073 feed() never refuses and never waits, however much it is") {
        val feed = StreamFeed()
        val block = ByteArray(1 shl 20)
        repeat(64) { feed.feed(block) }
        feed.pending shouldBe (64L shl 20)
        feed.close()
        feed.pending shouldBe 0
    }

    test("R-052 what was fed is a copy, empty feeds are nothing, and a second end changes nothing") {
        val feed = StreamFeed()
        val bytes = "abc".toByteArray()
        feed.feed(bytes)
        bytes.fill(0)
        feed.feed(ByteArray(0))
        feed.pending shouldBe 3
        feed.feedEof()
        feed.feedEof()
        feed.take(10) shouldBe "abc"
        repeat(2) { feed.take(10) shouldBe null }
    }

    test("R-052 an empty feed wakes nobody") {
        val feed = StreamFeed()
        val waiting = begun { feed.awaitReadable() }
        feed.feed(ByteArray(0))
        waiting.isCompleted shouldBe false
        feed.feed(ByteArray(1))
        waiting.await().getOrThrow()
    }

    test("R-053 feeding after the end is refused, even nothing, and adds nothing") {
        val feed = StreamFeed()
        feed.feedEof()
        for (size in 0..1) {
            shouldThrow<IllegalStateException> { feed.feed(ByteArray(size)) }.message shouldBe "feed() after feedEof()"
        }
        feed.pending shouldBe 0
        feed.take(1) shouldBe null
    }

    test("R-059, R-058 the first end is the one that counts") {
        val failed = StreamFeed()
        failed.feed("abc".toByteArray())
        val first = IOException("first")
        failed.fail(first)
        failed.fail(IOException("second"))
        failed.feedEof()
        failed.feed("dropped".toByteArray())
        failed.pending shouldBe 3
        failed.take(10) shouldBe "abc"
        repeat(2) {
            val thrown = shouldThrow<IOException> { failed.take(10) }
            thrown.message shouldBe "first"
            thrown.cause shouldBe first
        }
        val ended = StreamFeed()
        ended.feedEof()
        ended.fail(IOException("late"))
        ended.take(10) shouldBe null
    }

    test("R-059 a cause that is no IOException is wrapped in one, a cancellation too") {
        for (cause in listOf(IllegalStateException("bug"), CancellationException("gone"), Error("worse"))) {
            val feed = StreamFeed()
            feed.fail(cause)
            val thrown = shouldThrow<IOException> { feed.take(1) }
            thrown.message shouldBe cause.toString()
            thrown.causes.any { it === cause } shouldBe true
        }
    }

    test("bytes come out in any cut, across what was fed at a time") {
        val feed = StreamFeed()
        feed.feed("abc".toByteArray())
        feed.feed("defg".toByteArray())
        feed.take(2) shouldBe "ab"
        feed.take(3) shouldBe "cde"
        feed.pending shouldBe 2
        feed.take(0) shouldBe ""
        feed.take(9) shouldBe "fg"
        feed.take(9) shouldBe ""
    }

    test("each end wakes whoever waits") {
        val ends =
            listOf<(StreamFeed) -> Unit>(
                { it.feed(ByteArray(1)) },
                { it.feedEof() },
                { it.fail(IOException("x")) },
                { it.close() },
            )
        for (end in ends) {
            val feed = StreamFeed()
            val waiting = begun { feed.awaitReadable() }
            waiting.isCompleted shouldBe false
            end(feed)
            waiting.isCompleted shouldBe true
            val early = begun { feed.awaitReadable() }
            early.isCompleted shouldBe true
            early.await().isSuccess shouldBe waiting.await().isSuccess
        }
    }

    test("after close() everything is dropped, and reading throws") {
        val feed = StreamFeed()
        feed.feed("abc".toByteArray())
        val reader = StreamReader(feed)
        reader.close()
        feed.feed("def".toByteArray())
        feed.pending shouldBe 0
        shouldThrow<StreamClosedException> { feed.take(1) }.message shouldBe "the feed was closed by its reader"
        begun { feed.awaitReadable() }.await().exceptionOrNull().shouldBeInstanceOf<StreamClosedException>()
        feed.close()
    }

    test("a cancelled wait leaves its place to the next; a second one at once is refused") {
        val feed = StreamFeed()
        val waiting = launch(Dispatchers.Unconfined) { feed.awaitReadable() }
        shouldThrow<IllegalStateException> { feed.awaitReadable() }.message shouldBe "somebody is waiting for this feed already"
        waiting.cancelAndJoin()
        val next = begun { feed.awaitReadable() }
        next.isCompleted shouldBe false
        feed.feed(ByteArray(1))
        next.await().getOrThrow()
    }

    test("R-056 what is fed from other threads arrives whole and in order, however it meets the reader") {
        repeat(20) { round ->
            val feed = StreamFeed()
            val reader = StreamReader(feed)
            var read = ByteArray(0)
            inThreads(
                {
                    repeat(2000) { feed.feed(patternBytes(1 + it % 7, seed = fedBefore(it))) }
                    if (round % 2 == 0) feed.feedEof() else feed.fail(IOException("end"))
                },
                {
                    read =
                        kotlinx.coroutines.runBlocking {
                            var all = ByteArray(0)
                            runCatching { for (chunk in generateSequence { }) all += reader.read(500).ifEmpty { error("end") } }
                            all
                        }
                },
            )
            read shouldBe patternBytes(fedBefore(2000))
        }
    }

    test("the text form shows the state and no data") {
        val feed = StreamFeed()
        feed.feed("secret".toByteArray())
        feed.feedEof()
        feed.toString() shouldBe "StreamFeed(pending=6, ended=true, failure=null, closed=false)"
    }
})

private fun ByteArray.ifEmpty(use: () -> ByteArray): ByteArray = if (isEmpty()) use() else this

/** How many bytes were fed before the feed of this number, each of which is one to seven long. */
private fun fedBefore(number: Int): Int = (0 until number).sumOf { 1 + it % 7 }

/** What one read of at most [max] brings; "" for nothing now, null for the end. */
private fun StreamFeed.take(max: Int): String? {
    val into = ByteBuffer.allocate(max)
    val count = tryRead(into)
    return if (count < 0) null else String(into.array(), 0, count)
}
