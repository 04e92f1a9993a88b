package dev.sluice

import dev.sluice.testing.memoryTransportPair
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.async

internal class TeeTest : FunSpec({
    readerTest("what is read is written to the copy as well, which stays open") {
        inEveryChunking("abcdefg") { reader ->
            val (here, there) = memoryTransportPair()
            val copy = StreamWriter(here)
            val tee = reader.tee(copy)
            tee.read().latin1 shouldBe "abcdefg"
            copy.write("!")
            copy.writeEof()
            StreamReader(there).read().latin1 shouldBe "abcdefg!"
        }
    }

    readerTest("it is read no faster than the copy is taken") {
        val (here, there) = memoryTransportPair(capacity = 10)
        val data = patternBytes(100_000)
        val feed = StreamFeed()
        feed.feed(data)
        feed.feedEof()
        val tee = StreamReader(feed).tee(StreamWriter(here, writeLimit = 1_000))
        tee.read(2_000).size shouldBe 1_000
        // Ten are with the peer.
        val stuck = waiting { tee.readExactly(99_000) }
        feed.pending shouldBe 99_000
        val taken = async { StreamReader(there).readExactly(100_000) }
        stuck.await() shouldBe data.copyOfRange(1_000, data.size)
        taken.await() shouldBe data
    }

    readerTest("a copy that fails ends the reading with its failure, after the bytes that came before") {
        val (here, _) = memoryTransportPair()
        val copy = StreamWriter(here)
        val feed = StreamFeed()
        feed.feed("first")
        val tee = StreamReader(feed).tee(copy)
        copy.abort()
        tee.read(10).latin1 shouldBe "first"
        shouldThrow<StreamClosedException> { tee.read(10) }
        shouldThrow<StreamClosedException> { tee.read(10) }
    }

    readerTest("one whose drain fails does so, too") {
        val (here, there) = memoryTransportPair(capacity = 1)
        val feed = StreamFeed()
        feed.feed("first")
        val tee = StreamReader(feed).tee(StreamWriter(here))
        tee.read(10).latin1 shouldBe "first"
        val next = waiting { runCatching { tee.read(10) }.exceptionOrNull() }
        there.abort()
        (next.await() is ConnectionResetException) shouldBe true
    }

    readerTest("the end comes when the copy has everything") {
        val (here, there) = memoryTransportPair(capacity = 1)
        val tee = readerOf("ab").tee(StreamWriter(here))
        val all = waiting { tee.read() }
        StreamReader(there).readExactly(2).latin1 shouldBe "ab"
        all.await().latin1 shouldBe "ab"
    }
})
