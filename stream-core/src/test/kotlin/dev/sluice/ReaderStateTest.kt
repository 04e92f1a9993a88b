package dev.sluice

import dev.sluice.testing.memoryTransportPair
import dev.sluice.transport.Transport
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.cancelAndJoin
import java.io.IOException
import java.nio.ByteBuffer

internal class ReaderStateTest : FunSpec({
    readerTest("R-072 an idle reader takes nothing, and after a read holds no more than the rest of one read of the source") {
        val feed = StreamFeed()
        val reader = StreamReader(feed, limit = 1_024)
        feed.feed(ByteArray(1_000_000))
        reader.buffered shouldBe 0
        reader.read(1)
        reader.buffered shouldBe READ_SIZE - 1
        feed.pending shouldBe 1_000_000L - READ_SIZE
        reader.read(READ_SIZE)
        reader.buffered shouldBe 0
        feed.pending shouldBe 1_000_000L - READ_SIZE
    }

    readerTest("R-072 a reader that nobody reads holds back its sender") {
        val (here, there) = memoryTransportPair(capacity = 100)
        val reader = StreamReader(here)
        there.tryWrite(ByteBuffer.wrap(ByteArray(500))) shouldBe 100
        there.tryWrite(ByteBuffer.wrap(ByteArray(500))) shouldBe 0
        reader.read(10).size shouldBe 10
        there.tryWrite(ByteBuffer.wrap(ByteArray(500))) shouldBe 100
        there.tryWrite(ByteBuffer.wrap(ByteArray(500))) shouldBe 0
    }

    readerTest("R-074 toString shows the state and never data") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        reader.toString() shouldBe "StreamReader(buffered=0)"
        feed.feed("secret")
        reader.read(1)
        reader.toString() shouldBe "StreamReader(buffered=5)"
        val line = waiting { reader.readLine() }
        reader.toString() shouldBe "StreamReader(buffered=5, reading)"
        line.cancelAndJoin()
        feed.fail(IOException("broken"))
        shouldThrow<IOException> { reader.readLine() }
        reader.toString() shouldBe "StreamReader(buffered=5, failed: java.io.IOException: broken)"
        reader.close()
        reader.toString() shouldBe "StreamReader(buffered=0, failed: java.io.IOException: broken, closed)"

        val limited = readerOf("ab", limit = 7)
        limited.read()
        limited.toString() shouldBe "StreamReader(buffered=0, ended, limit=7)"
    }

    readerTest("info is the transport's, and that of a source on its own knows nothing") {
        val key = InfoKey<String>("Name")
        val (below, _) = memoryTransportPair()
        val named =
            object : Transport by below {
                override val info = FixedInfo(mapOf(key to "mine"))
            }
        StreamReader(named).info[key] shouldBe "mine"
        StreamReader(StreamFeed()).info[InfoKey.PeerAddress] shouldBe null
    }
})
