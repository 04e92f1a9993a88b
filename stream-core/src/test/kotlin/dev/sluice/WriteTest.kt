package dev.sluice

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.nio.ByteBuffer

internal class WriteTest : FunSpec({
    test("W-001 bytes leave without drain(), and only what did not fit is pending") {
        val sink = ScriptedSink(room = 8)
        val writer = StreamWriter(sink)
        writer.write("hello")
        sink.text shouldBe "hello"
        writer.pending shouldBe 0
        writer.write(" world")
        sink.text shouldBe "hello wo"
        writer.pending shouldBe 3
        sink.open(2)
        sink.text shouldBe "hello worl"
        writer.pending shouldBe 1
        sink.open()
        sink.text shouldBe "hello world"
        writer.pending shouldBe 0
    }

    test("W-001 a sink that takes less than it could is asked again until it takes nothing") {
        val sink = ScriptedSink(atMost = 3)
        val writer = StreamWriter(sink)
        writer.write("hello world")
        sink.text shouldBe "hello world"
        writer.pending shouldBe 0
    }

    test("W-001 a full sink is not asked again before it has room") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink)
        writer.write("a")
        val asked = sink.tryWrites
        repeat(100) { writer.write("b") }
        sink.tryWrites shouldBe asked
        sink.isAwaited shouldBe true
        sink.open()
        sink.text shouldBe "a" + "b".repeat(100)
        writer.pending shouldBe 0
    }

    test("W-002, W-007 every way to write keeps the order, waiting or not") {
        for (room in listOf(Long.MAX_VALUE, 0, 1)) {
            val sink = ScriptedSink(room)
            val writer = StreamWriter(sink)
            writer.write("1")
            writer.writeLines(listOf("2".toByteArray(), "3".toByteArray()))
            writer.write(ByteBuffer.wrap("4".toByteArray()))
            writer.write("xx5x".toByteArray(), 2, 1)
            writer.write("x6".toByteArray(), 1)
            writer.write("7".toByteArray())
            sink.open()
            sink.text shouldBe "1234567"
            writer.pending shouldBe 0
        }
    }

    test("W-003, W-010 an empty write changes nothing, and nothing of it stays") {
        for (room in listOf(Long.MAX_VALUE, 0L)) {
            val sink = ScriptedSink(room)
            val writer = StreamWriter(sink)
            writer.write("data")
            val before = writer.pending
            val asked = sink.tryWrites
            writer.write("")
            writer.write(ByteArray(0))
            writer.write(ByteArray(5), 5)
            writer.write(ByteBuffer.allocate(0))
            writer.pending shouldBe before
            sink.tryWrites shouldBe asked
            writer.writeLines(listOf("x".toByteArray(), ByteArray(0)))
            sink.open()
            writer.pending shouldBe 0
            writer.drain()
            writer.writeEof()
            writer.close()
            writer.awaitClosed()
            sink.text shouldBe "datax"
            sink.eofs shouldBe 1
        }
    }

    test("W-005 what was written may be changed at once") {
        val sink = ScriptedSink(room = 1)
        val writer = StreamWriter(sink)
        val array = "array".toByteArray()
        val buffer = ByteBuffer.wrap("buffer".toByteArray())
        val direct = ByteBuffer.allocateDirect(6).put("direct".toByteArray()).flip() as ByteBuffer
        val lines = listOf("one".toByteArray(), "two".toByteArray())
        val text = StringBuilder("text")
        writer.write(array)
        writer.write(buffer)
        writer.write(direct)
        writer.writeLines(lines)
        writer.write(text)
        array.fill('!'.code.toByte())
        buffer.array().fill('!'.code.toByte())
        repeat(6) { direct.put(it, '!'.code.toByte()) }
        lines.forEach { it.fill('!'.code.toByte()) }
        text.setLength(0)
        sink.open()
        sink.text shouldBe "arraybufferdirectonetwotext"
    }

    test("W-005 a buffer is sent from its position to its limit, and its position moves there") {
        val bytes = "0123456789".toByteArray()
        val kinds =
            mapOf(
                "heap" to ByteBuffer.wrap(bytes.copyOf()),
                "direct" to ByteBuffer.allocateDirect(10).put(bytes).also { it.clear() },
                "read-only" to ByteBuffer.wrap(bytes).asReadOnlyBuffer(),
                "read-only direct" to ByteBuffer.allocateDirect(10).put(bytes).asReadOnlyBuffer(),
                "sliced" to (ByteBuffer.wrap("##0123456789##".toByteArray()).position(2).limit(12) as ByteBuffer).slice(),
            )
        for ((kind, buffer) in kinds) {
            for (room in listOf(Long.MAX_VALUE, 0, 2)) {
                val sink = ScriptedSink(room)
                val writer = StreamWriter(sink)
                writer.write("<")
                buffer.limit(8).position(3)
                writer.write(buffer)
                "$kind ${buffer.position()} ${buffer.limit()}" shouldBe "$kind 8 8"
                writer.write(">")
                sink.open()
                sink.text shouldBe "<34567>"
            }
        }
    }

    test("W-008 writeLines of an iterable that throws half-way sends nothing") {
        val sink = ScriptedSink()
        val writer = StreamWriter(sink)
        val half =
            Iterable {
                iterator {
                    yield("one".toByteArray())
                    throw IllegalArgumentException("no more")
                }
            }
        shouldThrow<IllegalArgumentException> { writer.writeLines(half) }.message shouldBe "no more"
        sink.tryWrites shouldBe 0
        writer.pending shouldBe 0
        writer.write("still good")
        sink.text shouldBe "still good"
    }

    test("W-007, W-009 writeLines takes any iterable, an empty one as nothing") {
        val sink = ScriptedSink()
        val writer = StreamWriter(sink)
        writer.writeLines(emptyList())
        writer.writeLines(sequenceOf<ByteArray>().asIterable())
        sink.tryWrites shouldBe 0
        writer.writeLines(sequence { repeat(3) { yield("$it\n".toByteArray()) } }.asIterable())
        writer.writeLines(linkedSetOf("a".toByteArray()))
        sink.text shouldBe "0\n1\n2\na"
    }

    test("writeLines is one write for the sink") {
        val sink = ScriptedSink()
        StreamWriter(sink).writeLines(List(50) { "line $it\n".toByteArray() })
        sink.tryWrites shouldBe 1
    }

    test("small writes that had to wait leave together") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink)
        repeat(1000) { writer.write("$it ") }
        val asked = sink.tryWrites
        sink.open()
        sink.text shouldBe (0 until 1000).joinToString("") { "$it " }
        sink.tryWrites shouldBe asked + 2
    }

    test("text is written in UTF-8 or in the charset given") {
        val sink = ScriptedSink()
        val writer = StreamWriter(sink)
        writer.write("zoë €")
        writer.write(StringBuilder("ë"), Charsets.ISO_8859_1)
        writer.write("ë", Charsets.UTF_16BE)
        sink.bytes shouldBe "zoë €".toByteArray() + byteArrayOf(0xEB.toByte(), 0, 0xEB.toByte())
    }

    test("a range outside of the array is refused, and nothing is written") {
        val sink = ScriptedSink()
        val writer = StreamWriter(sink)
        for ((offset, length) in listOf(-1 to 1, 0 to 4, 4 to 0, 1 to 3, 2 to -1, Int.MAX_VALUE to 1, 1 to Int.MAX_VALUE)) {
            shouldThrow<IndexOutOfBoundsException> { writer.write(ByteArray(3), offset, length) }
        }
        sink.tryWrites shouldBe 0
        writer.pending shouldBe 0
    }

    test("pending counts exactly, whatever the sizes of writes and of what the sink takes") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink)
        var written = 0L
        var opened = 0L
        val sizes = listOf(1, 8191, 8192, 8193, 3, 100_000, 7, 65_536, 1, 20_000)
        for ((round, size) in sizes.withIndex()) {
            writer.write(patternBytes(size, seed = written.toInt() % 251))
            written += size
            writer.pending shouldBe written - opened
            val room = (size / 2 + round).toLong()
            sink.open(room)
            opened = minOf(opened + room, written)
            writer.pending shouldBe written - opened
        }
        sink.open()
        writer.pending shouldBe 0
        sink.bytes shouldBe patternBytes(written.toInt())
    }

    test("the text form shows the state and no data") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink, writeLimit = 100)
        writer.toString() shouldBe "StreamWriter(pending=0, limit=100)"
        writer.write("secret")
        writer.writeEof()
        writer.toString() shouldBe "StreamWriter(pending=6, ended, limit=100)"
        writer.close()
        writer.toString() shouldBe "StreamWriter(pending=6, ended, closing, limit=100)"
        sink.open()
        writer.toString() shouldBe "StreamWriter(pending=0, ended, closed, limit=100)"
        val other = StreamWriter(ScriptedSink())
        other.abort()
        other.toString() shouldBe
            "StreamWriter(pending=0, failed: dev.sluice.StreamClosedException: the stream was aborted by this side, closed)"
    }
})
