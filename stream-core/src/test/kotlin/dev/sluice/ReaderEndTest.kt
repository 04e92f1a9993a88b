package dev.sluice

import dev.sluice.testing.memoryTransportPair
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

internal class ReaderEndTest : FunSpec({
    readerTest("R-049 atEof is false while bytes are left, although the end is known") {
        val reader = readerOf("abc")
        shouldThrow<LimitOverrunException> { StreamReader(PiecewiseSource(listOf(latin1("abc"))), limit = 1).readLine() }
        reader.atEof shouldBe false
        val known = StreamReader(PiecewiseSource(listOf(latin1("abc"))))
        known.iterator().hasNext() shouldBe true
        known.buffered shouldBe 3
        known.atEof shouldBe false
        known.read(2).latin1 shouldBe "ab"
        known.atEof shouldBe false
        known.read(2).latin1 shouldBe "c"
        known.atEof shouldBe true
    }

    readerTest("R-050 atEof turns true in the read that meets the end, not by itself") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        feed.feedEof()
        reader.atEof shouldBe false
        reader.read(1).latin1 shouldBe ""
        reader.atEof shouldBe true

        val last = readerOf("ab")
        last.read(2).latin1 shouldBe "ab"
        last.atEof shouldBe false
        last.read(2).latin1 shouldBe ""
        last.atEof shouldBe true
    }

    readerTest("R-050 every operation that meets the end sets atEof") {
        for (read in everyRead) {
            withClue(read) {
                val reader = readerOf("")
                try {
                    read(reader)
                } catch (e: IncompleteReadException) {
                    e.partial.size shouldBe 0
                } catch (e: NoSuchElementException) {
                    // first() of a flow that is empty
                }
                reader.atEof shouldBe true
            }
        }
    }

    readerTest("R-051 the end of the peer's side leaves this side writing") {
        val (here, there) = memoryTransportPair()
        val connection = Connection(here)
        val peer = Connection(there)
        val read = waiting { connection.reader.read(5) }
        peer.writer.writeEof()
        read.await().latin1 shouldBe ""
        connection.reader.atEof shouldBe true
        connection.writer.isClosing shouldBe false
        connection.writer.write("still here\n")
        peer.reader.readLine() shouldBe "still here"
        connection.close()
        peer.close()
    }
})
