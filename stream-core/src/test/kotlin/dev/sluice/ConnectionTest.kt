package dev.sluice

import dev.sluice.testing.memoryTransportPair
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.async
import kotlinx.coroutines.launch

internal class ConnectionTest : FunSpec({
    test("what one end writes the other reads, both ways, until the end") {
        val (left, right) = memoryTransportPair()
        val a = Connection(left)
        val b = Connection(right)
        a.writer.write("hello\nworld")
        a.writer.writeEof()
        b.reader.readLine() shouldBe "hello"
        b.reader.readLine() shouldBe "world"
        b.reader.readLine() shouldBe null
        b.reader.atEof shouldBe true
        val big = ByteArray(1_000_000) { it.toByte() }
        val sending =
            launch {
                b.writer.write(big)
                b.writer.drain()
                b.close()
            }
        a.reader.readExactly(1_000_000) shouldBe big
        sending.join()
        b.awaitClosed()
        a.reader.read() shouldBe ByteArray(0)
        a.close()
        a.awaitClosed()
    }

    test("close wakes a waiting read although the flush is not done") {
        val (left, _) = memoryTransportPair(capacity = 10)
        val a = Connection(left)
        val reading = async { shouldThrow<StreamClosedException> { a.reader.readLine() } }
        kotlinx.coroutines.yield()
        a.writer.write(ByteArray(100))
        a.writer.pending shouldBe 90L
        a.close()
        reading.await().message shouldBe "the stream was closed by this side"
        a.abort()
        a.awaitClosed()
    }
})
