package dev.sluice

import dev.sluice.testing.memoryTransportPair
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.async
import java.nio.ByteBuffer

internal class WriterEofTest : FunSpec({
    test("W-030 the peer meets the end after all bytes, and may go on sending") {
        for (size in listOf(0, 5, 5_000_000)) {
            val (left, right) = memoryTransportPair(capacity = 1000)
            val a = Connection(left)
            val b = Connection(right)
            a.writer.write(patternBytes(size))
            a.writer.writeEof()
            val received = async { b.reader.read() }
            received.await() shouldBe patternBytes(size)
            b.reader.atEof shouldBe true
            a.writer.isClosing shouldBe false
            a.writer.drain()
            b.writer.write("answer\n")
            a.reader.readLine() shouldBe "answer"
            a.close()
            a.awaitClosed()
            b.close()
        }
    }

    test("W-030 the end leaves by itself, without drain(), as soon as the last byte has left") {
        val sink = ScriptedSink(room = 2)
        val writer = StreamWriter(sink)
        writer.write("abc")
        writer.writeEof()
        sink.eofs shouldBe 0
        sink.open()
        sink.text shouldBe "abc"
        sink.eofs shouldBe 1
        val idle = ScriptedSink(room = 0)
        StreamWriter(idle).writeEof()
        idle.eofs shouldBe 1
        idle.tryWrites shouldBe 0
    }

    test("W-031 writeEof() twice, and after close(), does nothing more") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink)
        writer.write("x")
        repeat(3) { writer.writeEof() }
        sink.open()
        repeat(3) { writer.writeEof() }
        sink.eofs shouldBe 1
        writer.close()
        writer.writeEof()
        writer.awaitClosed()
        sink.eofs shouldBe 1
        sink.closes shouldBe 1

        val closed = ScriptedSink(room = 0)
        StreamWriter(closed).run {
            write("x")
            close()
            writeEof()
            closed.open()
            writeEof()
            awaitClosed()
        }
        closed.eofs shouldBe 0
        closed.text shouldBe "x"
        closed.closes shouldBe 1
    }

    test("W-031 writeEof() before close() with bytes pending: all bytes, the end, an orderly close") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink)
        var closesAtEof = -1
        writer.write("abc")
        writer.writeEof()
        writer.close()
        val closed = begun { writer.awaitClosed() }
        sink.onWrite = { closesAtEof = sink.closes }
        sink.open()
        closed.await().getOrThrow()
        sink.text shouldBe "abc"
        closesAtEof shouldBe 0
        sink.eofs shouldBe 1
        sink.closes shouldBe 1
    }

    test("W-032 canWriteEof is the sink's, also after close(); without it writeEof() is refused and ends nothing") {
        val able = StreamWriter(ScriptedSink())
        able.canWriteEof shouldBe true
        able.close()
        able.canWriteEof shouldBe true

        val sink = ScriptedSink(canWriteEof = false)
        val writer = StreamWriter(sink)
        writer.canWriteEof shouldBe false
        shouldThrow<UnsupportedOperationException> { writer.writeEof() }.message shouldBe
            "this stream can't end its output and go on reading"
        writer.write("still open")
        sink.text shouldBe "still open"
        sink.eofs shouldBe 0
        writer.isClosing shouldBe false
        writer.close()
        shouldThrow<UnsupportedOperationException> { writer.writeEof() }
    }

    test("W-017 writing after writeEof() is a mistake that is named, for empty writes too, and sends nothing") {
        for (room in listOf(Long.MAX_VALUE, 0L)) {
            val sink = ScriptedSink(room)
            val writer = StreamWriter(sink)
            writer.write("all")
            writer.writeEof()
            val writes =
                listOf<suspend () -> Unit>(
                    { writer.write("more") },
                    { writer.write("") },
                    { writer.write(ByteArray(3), 1, 1) },
                    { writer.write(ByteArray(0)) },
                    { writer.write(ByteBuffer.wrap(ByteArray(1))) },
                    { writer.writeLines(listOf(ByteArray(1))) },
                    { writer.writeLines(emptyList()) },
                    { writer.sendFile(emptyFile()) },
                )
            for (write in writes) {
                shouldThrow<IllegalStateException> { write() }.message shouldBe
                    "the output of the stream was ended by writeEof(); nothing can be written after it"
            }
            sink.open()
            writer.drain()
            sink.text shouldBe "all"
            sink.eofs shouldBe 1
        }
    }

    test("W-033 an end that fails shows in drain() and awaitClosed(), not in writeEof()") {
        val sink = ScriptedSink()
        val writer = StreamWriter(sink)
        val reset = ConnectionResetException("reset by the peer")
        sink.fail(reset)
        writer.writeEof()
        writer.isClosing shouldBe true
        for (use in listOf<suspend () -> Unit>(writer::drain, writer::awaitClosed, { writer.write("x") })) {
            val thrown = runCatching { use() }.exceptionOrNull().shouldBeInstanceOf<ConnectionResetException>()
            thrown.message shouldBe "reset by the peer"
            thrown.cause shouldBe reset
        }
        writer.writeEof()
    }
})
