package dev.sluice

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import java.io.IOException
import java.net.SocketException
import java.nio.ByteBuffer

internal class StreamFeedTest : FunSpec({
    readerTest("R-052 feeding nothing wakes nobody and adds nothing") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        val read = waiting { reader.read(1) }
        feed.feed("")
        stillWaits(read)
        feed.pending shouldBe 0
        feed.feed("a")
        read.await().latin1 shouldBe "a"
    }

    readerTest("R-052 feedEof twice does no harm, and what was fed is a copy") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        val data = latin1("abc")
        feed.feed(data)
        data.fill('x'.code.toByte())
        repeat(2) { feed.feedEof() }
        reader.read().latin1 shouldBe "abc"
        feed.feedEof()
        reader.read().latin1 shouldBe ""
    }

    readerTest("R-053 feed after feedEof is refused, with no bytes as well, and adds nothing") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        feed.feed("a")
        feed.feedEof()
        for (late in listOf("b", "")) {
            shouldThrow<IllegalStateException> { feed.feed(late) }.message shouldBe "feed() after feedEof()"
        }
        feed.pending shouldBe 1
        reader.read().latin1 shouldBe "a"
        shouldThrow<IllegalStateException> { feed.feed("c") }
        reader.read().latin1 shouldBe ""
    }

    readerTest("R-058 R-059 of several ends the first counts") {
        val ended = StreamFeed()
        ended.feed("ab")
        ended.feedEof()
        ended.fail(IOException("late"))
        StreamReader(ended).read().latin1 shouldBe "ab"

        val failed = StreamFeed()
        failed.feed("ab")
        failed.fail(IOException("first"))
        failed.fail(IOException("second"))
        failed.feedEof()
        val reader = StreamReader(failed)
        reader.read(5).latin1 shouldBe "ab"
        repeat(2) { shouldThrow<IOException> { reader.read(5) }.message shouldBe "first" }
    }

    readerTest("R-059 what is fed after a failure is dropped without an error") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        feed.fail(IOException("broken"))
        feed.feed("late")
        feed.pending shouldBe 0
        shouldThrow<IOException> { reader.read(5) }.message shouldBe "broken"
        feed.feed("later")
        shouldThrow<IOException> { reader.read(5) }.message shouldBe "broken"
    }

    readerTest("a cause that is no IOException is wrapped in one") {
        val feed = StreamFeed()
        val cause = IllegalArgumentException("odd")
        feed.fail(cause)
        val thrown = shouldThrow<IOException> { StreamReader(feed).read(5) }
        thrown.message shouldBe "java.lang.IllegalArgumentException: odd"
        generateSequence<Throwable>(thrown) { it.cause }.any { it === cause } shouldBe true

        val socket = StreamFeed()
        socket.fail(SocketException("Connection reset"))
        shouldThrow<SocketException> { StreamReader(socket).read(5) }.message shouldBe "Connection reset"
    }

    readerTest("R-071 pending is the hint for a producer that can pause: an idle reader takes nothing") {
        val feed = StreamFeed()
        val reader = StreamReader(feed, limit = 4)
        feed.feed("12345678")
        feed.feed("9")
        feed.pending shouldBe 9
        reader.readExactly(4).latin1 shouldBe "1234"
        feed.pending shouldBe 0
        reader.buffered shouldBe 5
        feed.feed("abc")
        feed.pending shouldBe 3
        reader.read(100).latin1 shouldBe "56789"
        feed.pending shouldBe 3
        reader.read(100).latin1 shouldBe "abc"
        feed.pending shouldBe 0
    }

    readerTest("R-073 feed never refuses, however much is pending") {
        val feed = StreamFeed()
        val reader = StreamReader(feed, limit = 1)
        val piece = ByteArray(100_000) { it.toByte() }
        repeat(200) { feed.feed(piece) }
        feed.pending shouldBe 20_000_000
        reader.skip(19_900_000) shouldBe 19_900_000
        reader.readExactly(100_000).contentEquals(piece) shouldBe true
    }

    readerTest("after close a feed drops what it has and what comes, and tells its reader") {
        val feed = StreamFeed()
        feed.feed("abc")
        feed.close()
        feed.close()
        feed.pending shouldBe 0
        feed.feed("d")
        feed.pending shouldBe 0
        shouldThrow<StreamClosedException> { feed.tryRead(ByteBuffer.allocate(1)) }
        shouldThrow<StreamClosedException> { feed.awaitReadable() }

        val waited = StreamFeed()
        val wait = waiting { shouldThrow<StreamClosedException> { waited.awaitReadable() } }
        waited.close()
        wait.await()
    }

    readerTest("one waits for a feed at a time, and a cancelled wait makes room for another") {
        val feed = StreamFeed()
        val first = waiting { feed.awaitReadable() }
        shouldThrow<IllegalStateException> { feed.awaitReadable() }
        first.cancel()
        val second = waiting { feed.awaitReadable() }
        feed.feed("a")
        second.await()
        feed.tryRead(ByteBuffer.allocate(4)) shouldBe 1
    }

    readerTest("toString shows the state and no data") {
        val feed = StreamFeed()
        feed.feed("secret")
        feed.toString() shouldContain "pending=6"
        feed.toString() shouldNotContain "secret"
        feed.fail(IOException("broken"))
        feed.toString() shouldContain "broken"
    }

    test("any threads may feed: the reader gets every piece whole") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        withContext(Dispatchers.Default) {
            val feeders =
                List(4) { feeder ->
                    launch {
                        repeat(2_000) {
                            feed.feed("$feeder:$it\n")
                            if (it % 16 == 0) yield()
                        }
                    }
                }
            launch {
                feeders.joinAll()
                feed.feedEof()
            }
            val next = IntArray(4)
            for (line in reader) {
                val (feeder, number) =
                    line.latin1
                        .trimEnd()
                        .split(':')
                        .map(String::toInt)
                number shouldBe next[feeder]++
            }
            next.toList() shouldBe List(4) { 2_000 }
        }
    }
})
