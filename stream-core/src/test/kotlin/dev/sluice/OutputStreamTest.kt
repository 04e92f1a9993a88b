package dev.sluice

import dev.sluice.testing.memoryTransportPair
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.withContext
import java.io.BufferedOutputStream
import java.io.IOException
import java.io.InterruptedIOException
import java.io.PrintStream
import kotlin.concurrent.thread

internal class OutputStreamTest : FunSpec({
    test("W-002 every way to write, in order, and mixed with the writer's own") {
        val sink = ScriptedSink()
        val writer = StreamWriter(sink)
        val out = writer.asOutputStream()
        out.write('1'.code)
        out.write("23".toByteArray())
        writer.write("4")
        out.write("xx56x".toByteArray(), 2, 2)
        out.write(0x137)
        out.flush()
        sink.text shouldBe "1234567"
    }

    test("bounds are java.io's, and a refused write writes nothing") {
        val sink = ScriptedSink()
        val out = StreamWriter(sink).asOutputStream()
        for ((offset, length) in listOf(-1 to 1, 0 to 4, 4 to 0, 1 to 3, 2 to -1, Int.MAX_VALUE to 1, 1 to Int.MAX_VALUE)) {
            shouldThrow<IndexOutOfBoundsException> { out.write(ByteArray(3), offset, length) }
        }
        out.write(ByteArray(3), 3, 0)
        out.write(ByteArray(0))
        sink.tryWrites shouldBe 0
    }

    test("a write returns when the OS has its bytes, and not before") {
        val sink = ScriptedSink(room = 3)
        val out = StreamWriter(sink).asOutputStream()
        var done = false
        val writing =
            thread {
                out.write("hello".toByteArray())
                done = true
            }
        writing.awaitBlocked()
        done shouldBe false
        sink.text shouldBe "hel"
        sink.open(1)
        writing.awaitBlocked()
        done shouldBe false
        sink.open(1)
        writing.joinOrThrow()
        done shouldBe true
        sink.text shouldBe "hello"
    }

    test("flush() waits for what the writer was given by others") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink)
        writer.write("theirs")
        val flushing = thread { writer.asOutputStream().flush() }
        flushing.awaitBlocked()
        sink.open()
        flushing.joinOrThrow()
        sink.text shouldBe "theirs"
    }

    test("a write larger than the write limit goes out in pieces") {
        val (left, right) = memoryTransportPair(capacity = 7)
        val a = Connection(left, writeLimit = 10)
        val b = Connection(right)
        val bytes = patternBytes(100_000)
        coroutineScope {
            val received = async(Dispatchers.IO) { b.reader.read() }
            withContext(Dispatchers.IO) {
                a.writer.asOutputStream().use {
                    it.write(bytes)
                    it.write(bytes, 5, 90_000)
                }
            }
            received.await() shouldBe bytes + bytes.copyOfRange(5, 90_005)
        }
        b.close()
    }

    test("a write waits, too, when others have filled the writer to its limit") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink, writeLimit = 4)
        writer.write("full")
        val writing = thread { writer.asOutputStream().write("more!".toByteArray()) }
        writing.awaitBlocked()
        writer.pending shouldBe 4
        sink.open()
        writing.joinOrThrow()
        sink.text shouldBe "fullmore!"
    }

    test("W-012 an error shows at the write that met it, and at every later one") {
        val reset = ConnectionResetException("reset by the peer")
        val sink = ScriptedSink()
        val writer = StreamWriter(sink)
        val out = writer.asOutputStream()
        sink.fail(reset)
        shouldThrow<ConnectionResetException> { out.write(ByteArray(10)) }.cause shouldBe reset
        shouldThrow<ConnectionResetException> { out.write(1) }
        shouldThrow<ConnectionResetException> { out.flush() }
        shouldThrow<ConnectionResetException> { out.close() }
        sink.closes shouldBe 1
    }

    test("W-012 an error ends a write that waits") {
        val sink = ScriptedSink(room = 3)
        val out = StreamWriter(sink).asOutputStream()
        var thrown: Throwable? = null
        val writing = thread { thrown = runCatching { out.write(ByteArray(10)) }.exceptionOrNull() }
        writing.awaitBlocked()
        sink.fail(ConnectionResetException("reset"))
        writing.joinOrThrow()
        thrown.shouldBeInstanceOf<ConnectionResetException>()
    }

    test("closing it flushes, closes the writer and waits for the end; a second time it does nothing") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink)
        writer.write("abc")
        val out = writer.asOutputStream()
        val closing = thread { out.close() }
        closing.awaitBlocked()
        writer.isClosing shouldBe true
        sink.open()
        closing.joinOrThrow()
        out.close()
        sink.text shouldBe "abc"
        sink.closes shouldBe 1
    }

    test("close() reports what went wrong, once") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink)
        val out = writer.asOutputStream()
        writer.write("lost")
        sink.fail(IOException("no space"))
        shouldThrow<IOException> { out.close() }.message shouldBe "no space"
        out.close()
    }

    test("W-013 after close() writing and flushing throw") {
        val sink = ScriptedSink()
        val out = StreamWriter(sink).asOutputStream()
        out.close()
        shouldThrow<StreamClosedException> { out.write(1) }.message shouldBe "the stream was closed by this side"
        shouldThrow<StreamClosedException> { out.write(ByteArray(1)) }
        shouldThrow<StreamClosedException> { out.flush() }
        sink.size shouldBe 0
    }

    test("W-029 a write that waits when another thread closes the writer is finished by the flush") {
        val sink = ScriptedSink(room = 2)
        val writer = StreamWriter(sink)
        val out = writer.asOutputStream()
        var thrown: Throwable? = null
        val writing = thread { thrown = runCatching { out.write("hello".toByteArray()) }.exceptionOrNull() }
        writing.awaitBlocked()
        writer.close()
        sink.open()
        writing.joinOrThrow()
        thrown shouldBe null
        sink.text shouldBe "hello"
    }

    test("an interrupt ends a write, a flush and a close with InterruptedIOException, and the thread stays interrupted") {
        val sink = ScriptedSink(room = 2)
        val writer = StreamWriter(sink)
        val out = writer.asOutputStream()
        for (use in listOf<() -> Unit>({ out.write("hello".toByteArray()) }, out::flush, out::close)) {
            var thrown: Throwable? = null
            var interrupted = false
            val user =
                thread {
                    thrown = runCatching(use).exceptionOrNull()
                    interrupted = Thread.currentThread().isInterrupted
                }
            user.awaitBlocked()
            user.interrupt()
            user.joinOrThrow()
            thrown.shouldBeInstanceOf<InterruptedIOException>().message shouldBe "interrupted while waiting for a stream"
            interrupted shouldBe true
        }
        sink.open()
        sink.text shouldBe "hello"
        sink.closes shouldBe 1
    }

    test("java.io's own wrappers work on it") {
        val sink = ScriptedSink(atMost = 5)
        PrintStream(BufferedOutputStream(StreamWriter(sink).asOutputStream(), 16), false, "UTF-8").use {
            it.print("one, two, three, ")
            it.print(4)
            it.checkError() shouldBe false
        }
        sink.text shouldBe "one, two, three, 4"
        sink.closes shouldBe 1
    }
})

/** Returns when the thread waits for something other than a lock. */
private fun Thread.awaitBlocked() {
    while (state != Thread.State.WAITING && state != Thread.State.TIMED_WAITING) {
        check(isAlive) { "the thread has ended" }
        Thread.onSpinWait()
    }
}
