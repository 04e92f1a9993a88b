package dev.sluice

import dev.sluice.testing.memoryTransportPair
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll

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

    readerTest("a copy that holds back what it was given is waited for") {
        val (here, there) = memoryTransportPair(capacity = 1)
        val tee = readerOf("ab").tee(StreamWriter(here).throttled(Throttle(1 shl 20)))
        tee.read(1).latin1 shouldBe "a"
        tee.read(1).latin1 shouldBe "b"
        val end = waiting { tee.read(1) }
        StreamReader(there).readExactly(2).latin1 shouldBe "ab"
        end.await().latin1 shouldBe ""
    }

    readerTest("a copy that takes nothing more costs no byte") {
        val (here, _) = memoryTransportPair()
        val copy = StreamWriter(here)
        val below = readerOf("all of it")
        val tee = below.tee(copy)
        copy.writeEof()
        repeat(2) { shouldThrow<IllegalStateException> { tee.read(10) } }
        below.read().latin1 shouldBe "all of it"
    }

    readerTest("copies of several go to one writer, whose limit is theirs together") {
        val (here, there) = memoryTransportPair(capacity = 3)
        val log = StreamWriter(here, writeLimit = 10)
        val data = patternBytes(1_000)
        val tees = List(3) { StreamReader(fed(data)).tee(log) }
        val read = tees.map { async { it.read() } }
        val logged = async { StreamReader(there).readExactly(3_000) }
        read.awaitAll().forEach { it shouldBe data }
        logged.await().sorted() shouldBe List(3) { data.toList() }.flatten().sorted()
    }

    readerTest("a copy that fails ends the reading with its failure, after the bytes that came before") {
        val (here, _) = memoryTransportPair()
        val copy = StreamWriter(here)
        val feed = StreamFeed()
        feed.feed("first")
        val below = StreamReader(feed)
        val tee = below.tee(copy)
        tee.read(10).latin1 shouldBe "first"
        feed.feed("second")
        copy.abort()
        shouldThrow<StreamClosedException> { tee.read(10) }
        shouldThrow<StreamClosedException> { tee.read(10) }
        below.read(10).latin1 shouldBe "second"
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

private fun fed(data: ByteArray): StreamFeed =
    StreamFeed().apply {
        feed(data)
        feedEof()
    }
