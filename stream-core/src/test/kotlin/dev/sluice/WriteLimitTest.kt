package dev.sluice

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.nio.ByteBuffer

internal class WriteLimitTest : FunSpec({
    test("W-006 a write over the limit is refused whole, and says what to do") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink, writeLimit = 10)
        writer.write("1234567")
        shouldThrow<WriteLimitException> { writer.write("abcd") }.message shouldBe
            "4 bytes and the 7 that the stream still holds are more than the limit of 10; " +
            "call drain() between writes, or raise the writeLimit"
        writer.pending shouldBe 7
        writer.write("890")
        writer.pending shouldBe 10
        shouldThrow<WriteLimitException> { writer.write("!") }
        writer.pending shouldBe 10
        sink.open()
        sink.text shouldBe "1234567890"
    }

    test("W-006 the message names the peer") {
        val info = FixedInfo(mapOf(InfoKey.PeerAddress to SOMEWHERE))
        Connection(ScriptedTransport(info = info), writeLimit = 1).use { (_, writer) ->
            shouldThrow<WriteLimitException> { writer.write("xx") }.message shouldBe
                "2 bytes and the 0 that the stream to $SOMEWHERE still holds are more than the limit of 1; " +
                "call drain() between writes, or raise the writeLimit"
        }
    }

    test("W-006 one write larger than the limit is refused, whoever is ready to take it") {
        val sink = ScriptedSink()
        val writer = StreamWriter(sink, writeLimit = 10)
        shouldThrow<WriteLimitException> { writer.write(ByteArray(11)) }
        val buffer = ByteBuffer.allocate(11)
        shouldThrow<WriteLimitException> { writer.write(buffer) }
        buffer.position() shouldBe 0
        sink.tryWrites shouldBe 0
        writer.pending shouldBe 0
        writer.write(ByteArray(10))
        sink.size shouldBe 10
    }

    test("W-006 after drain() the writer is usable again") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink, writeLimit = 4)
        writer.write("abcd")
        shouldThrow<WriteLimitException> { writer.write("efgh") }
        val drain = begun { writer.drain() }
        drain.isCompleted shouldBe false
        sink.open(4)
        drain.await().getOrThrow()
        writer.write("efgh")
        writer.pending shouldBe 4
        sink.open()
        sink.text shouldBe "abcdefgh"
    }

    test("W-006 a writer that never drains meets the default limit, with as much as it in memory and not more") {
        val writer = StreamWriter(ScriptedSink(room = 0))
        writer.writeLimit shouldBe 16 * 1024 * 1024
        val block = ByteArray(1024 * 1024)
        repeat(16) { writer.write(block) }
        shouldThrow<WriteLimitException> { writer.write(byteArrayOf(1)) }
        writer.pending shouldBe 16L * 1024 * 1024
        writer.abort()
    }

    test("W-008, W-011 writeLines counts like one write: over the limit nothing of it is accepted") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink, writeLimit = 10)
        writer.write("12")
        shouldThrow<WriteLimitException> { writer.writeLines(List(3) { "abc".toByteArray() }) }.message shouldBe
            "9 bytes and the 2 that the stream still holds are more than the limit of 10; " +
            "call drain() between writes, or raise the writeLimit"
        writer.pending shouldBe 2
        writer.writeLines(List(4) { "ab".toByteArray() })
        writer.pending shouldBe 10
        val drain = begun { writer.drain() }
        sink.open(9)
        drain.isCompleted shouldBe false
        sink.open(1)
        drain.await().getOrThrow()
        sink.text shouldBe "12abababab"
    }

    test("W-011 lines that add up to more than any array holds are refused without being joined") {
        val sink = ScriptedSink()
        val writer = StreamWriter(sink, writeLimit = Int.MAX_VALUE)
        val line = ByteArray(1 shl 20)
        shouldThrow<WriteLimitException> { writer.writeLines(List(2048) { line }) }
        sink.tryWrites shouldBe 0
        writer.pending shouldBe 0
    }

    test("a limit that is not positive is refused") {
        for (limit in listOf(0, -1, Int.MIN_VALUE)) {
            shouldThrow<IllegalArgumentException> { StreamWriter(ScriptedSink(), limit) }.message shouldBe
                "the write limit must be positive, not $limit"
            shouldThrow<IllegalArgumentException> { Connection(ScriptedTransport(), writeLimit = limit) }
        }
        StreamWriter(ScriptedSink(), writeLimit = 1).write("x")
    }
})
