package dev.sluice

import dev.sluice.testing.memoryTransportPair
import dev.sluice.transport.Transport
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield
import java.nio.ByteBuffer

internal class ReaderCancellationTest : FunSpec({
    readerTest("R-068 R-069 a cancelled operation has taken nothing, read() included, and the reader is usable at once") {
        for (read in patientReads) {
            withClue(read) {
                val feed = StreamFeed()
                val reader = StreamReader(feed)
                repeat(2) {
                    feed.feed("ab")
                    waiting { read(reader) }.cancelAndJoin()
                }
                reader.read(10).latin1 shouldBe "abab"
                val next = waiting { read(reader) }
                feed.feed("abcd,\n")
                feed.feedEof()
                next.await()
            }
        }
    }

    readerTest("R-068 a cancelled wait for the first byte leaves it to the next operation") {
        for (read in promptReads + patientReads) {
            withClue(read) {
                val feed = StreamFeed()
                val reader = StreamReader(feed)
                waiting { read(reader) }.cancelAndJoin()
                feed.feed("abcd,\n")
                reader.read(10).latin1 shouldBe "abcd,\n"
            }
        }
    }

    readerTest("R-068 a new loop goes on with the line at which the old one was cancelled") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        val seen = mutableListOf<String>()
        feed.feed("one\ntw")
        waiting { for (line in reader) seen += line.latin1 }.cancelAndJoin()
        waiting { reader.lines().collect { seen += it } }.cancelAndJoin()
        feed.feed("o\nthree\nfo")
        waiting { reader.lines().onEach { seen += it }.toList() }.cancelAndJoin()
        feed.feed("ur")
        feed.feedEof()
        for (line in reader) seen += line.latin1
        seen shouldBe listOf("one\n", "two", "three", "four")
    }

    readerTest("R-069 a read() that times out loses nothing: the next read starts with what it had") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        feed.feed("ab")
        shouldThrow<TimeoutCancellationException> { withTimeout(1_000) { reader.read() } }
        feed.feed("cd")
        shouldThrow<TimeoutCancellationException> { withTimeout(1_000) { reader.read() } }
        reader.read(3).latin1 shouldBe "abc"
        feed.feedEof()
        reader.read().latin1 shouldBe "d"
    }

    readerTest("R-069 a cancelled skip loses what it skipped, and no more") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        feed.feed("abc")
        waiting { reader.skip(5) }.cancelAndJoin()
        feed.feed("defg")
        reader.read(10).latin1 shouldBe "defg"
    }

    readerTest("R-069 a cancelled skipUntil never loses a part of a separator") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        feed.feed("abc\r\n\r")
        waiting { reader.skipUntil("\r\n\r\n", "--") }.cancelAndJoin()
        feed.feed("\nd")
        reader.skipUntil("\r\n\r\n", "--") shouldBe 4
        reader.read(10).latin1 shouldBe "d"
    }

    readerTest("R-069 a cancelled copyTo loses nothing: what the writer was not given stays in the reader") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        val (here, there) = memoryTransportPair(capacity = 3)
        val writer = StreamWriter(here, writeLimit = 4)
        feed.feed("abcdefghijkl")
        waiting { reader.copyTo(writer) }.cancelAndJoin()
        val copied = there.drained()
        copied + reader.read(20).latin1 shouldBe "abcdefghijkl"
    }

    readerTest("R-070 delivery and cancellation in one turn, in either order: cancelled, and every byte kept") {
        for (read in everyRead) {
            for (deliveryFirst in listOf(true, false)) {
                withClue("$read, delivery first: $deliveryFirst") {
                    val feed = StreamFeed()
                    val reader = StreamReader(feed)
                    val cancelled = waiting { read(reader) }
                    if (deliveryFirst) feed.feed("abcd,\n")
                    cancelled.cancel()
                    if (!deliveryFirst) feed.feed("abcd,\n")
                    cancelled.join()
                    cancelled.isCancelled shouldBe true
                    reader.read(10).latin1 shouldBe "abcd,\n"
                }
            }
        }
    }

    readerTest("R-070 the same over a connection in memory") {
        for (read in everyRead) {
            withClue(read) {
                val (here, there) = memoryTransportPair()
                val reader = StreamReader(here)
                val cancelled = waiting { read(reader) }
                there.tryWrite(ByteBuffer.wrap(latin1("abcd,\n"))) shouldBe 6
                cancelled.cancelAndJoin()
                cancelled.isCancelled shouldBe true
                reader.read(10).latin1 shouldBe "abcd,\n"
            }
        }
    }

    readerTest("R-004 an operation that the buffer could serve is cancelled like any other, and takes nothing") {
        for (read in everyRead) {
            withClue(read) {
                val reader = readerOf("xabcd,\n")
                reader.read(1).latin1 shouldBe "x"
                reader.buffered shouldBe 6
                val cancelled =
                    launch {
                        coroutineContext.job.cancel()
                        shouldThrow<CancellationException> { read(reader) }
                    }
                cancelled.join()
                cancelled.isCancelled shouldBe true
                reader.read(10).latin1 shouldBe "abcd,\n"
            }
        }
    }

    readerTest("R-068 a flow delivers what it took, although its collector was cancelled meanwhile") {
        val flows: List<(StreamReader) -> Flow<Any>> =
            listOf({ it.chunks() }, { it.lines() }, { it.text().asFlow() }, { it.text(byLine = true).asFlow() })
        for (flow in flows) {
            var cancel = {}
            val delivered = mutableListOf<Any>()
            // The cancellation of another thread, at the one moment at which this could lose something.
            val reader = StreamReader(PiecewiseSource(listOf(latin1("line\n")), whenAsked = { cancel() }))
            val collecting = launch { flow(reader).collect { delivered += it } }
            cancel = { collecting.cancel() }
            collecting.join()
            collecting.isCancelled shouldBe true
            delivered.size shouldBe 1
        }
    }

    readerTest("chunks and lines that are taken in part leave the rest") {
        val reader = readerOf("a\nb\nc\nd")
        val seen = mutableListOf<String>()
        reader.lines().take(2).collect { seen += it }
        seen shouldBe listOf("a", "b")
        reader.read().latin1 shouldBe "c\nd"
    }
})

private suspend fun Transport.drained(): String {
    val all = StringBuilder()
    val into = ByteBuffer.allocate(64)
    while (true) {
        val count = tryRead(into)
        if (count == 0) return all.toString()
        all.append(String(into.array(), 0, count, Charsets.ISO_8859_1))
        into.clear()
        yield()
    }
}
