package dev.sluice

import dev.sluice.testing.Chunking
import dev.sluice.testing.memoryTransportPair
import dev.sluice.transport.ByteSink
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.ints.shouldBeLessThanOrEqual
import io.kotest.matchers.longs.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.toList
import java.nio.ByteBuffer

internal class SkipAndCopyTest : FunSpec({
    readerTest("skip drops so many bytes, fewer only at the end") {
        inEveryChunking("abcdefg") { reader ->
            reader.skip(0) shouldBe 0
            reader.skip(3) shouldBe 3
            reader.read(1).latin1 shouldBe "d"
            reader.skip(100) shouldBe 3
            reader.atEof shouldBe true
            reader.skip(1) shouldBe 0
        }
    }

    readerTest("skip goes further than any buffer, and keeps none of it") {
        val feed = StreamFeed()
        val reader = StreamReader(feed, limit = 4)
        repeat(50) { feed.feed(ByteArray(100_000)) }
        feed.feed("rest")
        reader.skip(5_000_000) shouldBe 5_000_000
        reader.buffered shouldBeLessThanOrEqual READ_SIZE
        reader.read(10).latin1 shouldBe "rest"
    }

    readerTest("skipUntil drops through the first separator, whatever the limit, or to the end") {
        inEveryChunking("abcdefgh\nx--y", limit = 1) { reader ->
            reader.skipUntil() shouldBe 9
            reader.skipUntil("--", "q") shouldBe 3
            reader.skipUntil("--", "q") shouldBe 1
            reader.atEof shouldBe true
            reader.skipUntil() shouldBe 0
        }
        inEveryChunking("abc-") { reader ->
            reader.skipUntil("--") shouldBe 4
            reader.read().latin1 shouldBe ""
        }
    }

    readerTest("chunks are what is there, as it comes, and end with the stream") {
        inEveryChunking("abc\ndef") { reader ->
            val chunks = reader.chunks().toList()
            chunks.joinToString("") { it.latin1 } shouldBe "abc\ndef"
            chunks.forEach { it.size shouldBeInRange 1..7 }
        }
        StreamReader(PiecewiseSource(everyCut("abcd")[1])).chunks().toList().map { it.latin1 } shouldBe listOf("ab", "cd")
        readerOf("").chunks().toList() shouldBe emptyList()
    }

    readerTest("copyTo writes everything until the end, counts it, and leaves the writer open") {
        inEveryChunking("abcdefg") { reader ->
            reader.read(1)
            val (here, there) = memoryTransportPair()
            val writer = StreamWriter(here)
            reader.copyTo(writer) shouldBe 6
            writer.isClosing shouldBe false
            writer.write("!")
            writer.writeEof()
            StreamReader(there).read().latin1 shouldBe "bcdefg!"
            reader.copyTo(writer) shouldBe 0
        }
    }

    readerTest("copyTo takes no faster than the writer, in constant memory") {
        val feed = StreamFeed()
        val data = ByteArray(2_000_000) { it.toByte() }
        feed.feed(data)
        feed.feedEof()
        val reader = StreamReader(feed)
        val (here, there) = memoryTransportPair(capacity = 10_000, chunking = Chunking.random(5))
        val writer = StreamWriter(here, writeLimit = 50_000)
        val copying = async { reader.copyTo(writer).also { writer.writeEof() } }
        val copied = ByteBuffer.allocate(data.size + 1)
        val target = StreamReader(there)
        while (target.read(copied) >= 0) {
            writer.pending shouldBeLessThanOrEqual 50_000
            reader.buffered shouldBeLessThanOrEqual READ_SIZE
        }
        copying.await() shouldBe data.size.toLong()
        copied.position() shouldBe data.size
        copied.array().copyOf(data.size).contentEquals(data) shouldBe true
    }

    readerTest("R-025 copyTo whose writer fails keeps what it did not hand over") {
        val reader = readerOf("abcdef")
        reader.read(1)
        val writer = StreamWriter(Refusing)
        shouldThrow<ConnectionResetException> { reader.copyTo(writer) }
        reader.read().latin1.let { "bcdef".endsWith(it) } shouldBe true
        val closed = readerOf("abcdef")
        val closing = StreamWriter(memoryTransportPair().first).apply { close() }
        shouldThrow<StreamClosedException> { closed.copyTo(closing) }
        closed.read().latin1 shouldBe "abcdef"
    }
})

private object Refusing : ByteSink {
    override val canWriteEof: Boolean get() = false

    override fun tryWrite(from: ByteBuffer): Int = throw ConnectionResetException("reset")

    override suspend fun awaitWritable(): Unit = Unit

    override fun writeEof(): Unit = throw UnsupportedOperationException()

    override fun close(): Unit = Unit
}
