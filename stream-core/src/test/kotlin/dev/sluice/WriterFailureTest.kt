package dev.sluice

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.Dispatchers
import java.io.IOException
import java.net.SocketException
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.time.Duration

internal class WriterFailureTest : FunSpec({
    test("W-012, W-024 a write that meets an error returns; the next drain() and all later calls throw it") {
        val sink = ScriptedSink()
        val writer = StreamWriter(sink)
        val broken = ConnectionResetException("the peer is gone", SocketException("Broken pipe"))
        sink.fail(broken)
        writer.write("lost")
        writer.pending shouldBe 0
        writer.isClosing shouldBe true
        val thrown = List(3) { shouldThrow<ConnectionResetException> { writer.drain() } }
        val closed = shouldThrow<ConnectionResetException> { writer.awaitClosed() }
        val written = shouldThrow<ConnectionResetException> { writer.write("more") }
        for (e in thrown + closed + written) {
            e.message shouldBe "the peer is gone"
            e.causes.first { it is SocketException }.message shouldBe "Broken pipe"
            e.causes.any { it === broken } shouldBe true
        }
        (thrown + closed + written).distinctBy { System.identityHashCode(it) }.size shouldBe 5
        sink.tryWrites shouldBe 1
    }

    test("W-014 every way to write throws the stored failure") {
        val sink = ScriptedSink()
        val writer = StreamWriter(sink)
        sink.fail(ConnectionResetException("reset by the peer"))
        writer.write("lost")
        for (write in everyWrite(writer)) {
            shouldThrow<ConnectionResetException> { write() }.message shouldBe "reset by the peer"
        }
        writer.close()
        for (write in everyWrite(writer)) shouldThrow<ConnectionResetException> { write() }
        sink.size shouldBe 0
    }

    test("W-022 a reset fails all waiting drains and all later ones, each with an exception of its own") {
        val sink = ScriptedSink(room = 1)
        val writer = StreamWriter(sink)
        writer.write("abc")
        val waiting = List(10) { begun { writer.drain() } }
        val reset = ConnectionResetException("reset by the peer")
        sink.fail(reset)
        val thrown =
            waiting.map { it.await().exceptionOrNull().shouldBeInstanceOf<ConnectionResetException>() } +
                List(10) { shouldThrow<ConnectionResetException> { writer.drain() } }
        thrown.distinctBy { System.identityHashCode(it) }.size shouldBe 20
        thrown.forEach {
            it.message shouldBe "reset by the peer"
            it.causes.last() shouldBeSameInstanceAs reset
        }
        writer.pending shouldBe 0
    }

    test("W-012 the first failure is the one that counts") {
        val transport = ScriptedTransport()
        val (reader, writer) = Connection(transport)
        transport.sink.fail(IOException("first"))
        writer.write("x")
        transport.feed.fail(ConnectionResetException("second"))
        shouldThrow<ConnectionResetException> { reader.read() }
        shouldThrow<IOException> { writer.drain() }.message shouldBe "first"
        writer.abort(IOException("third"))
        shouldThrow<IOException> { writer.drain() }.message shouldBe "first"
        shouldThrow<IOException> { writer.awaitClosed() }.message shouldBe "first"
    }

    test("W-012 an error of a type that can't be copied is thrown as it is") {
        val sink = ScriptedSink()
        val writer = StreamWriter(sink)
        val own = object : IOException("of the sink's own kind") {}
        sink.fail(own)
        writer.write("x")
        shouldThrow<IOException> { writer.drain() } shouldBeSameInstanceAs own
        shouldThrow<IOException> { writer.awaitClosed() } shouldBeSameInstanceAs own
    }

    test("W-012 a sink that fails after it took a part: the rest is dropped, and waiting for the part is fine") {
        val sink = ScriptedSink(room = 3)
        val writer = StreamWriter(sink)
        writer.write("abc")
        val drained = begun { writer.drain() }
        drained.await().getOrThrow()
        writer.write("def")
        val second = begun { writer.drain() }
        sink.fail(IOException("gone"))
        second
            .await()
            .exceptionOrNull()
            .shouldBeInstanceOf<IOException>()
            .message shouldBe "gone"
        sink.text shouldBe "abc"
        writer.pending shouldBe 0
    }

    test("W-014 no cancellation of what lies below cancels a caller") {
        for (foreign in listOf(CancellationException("selector closed"), ClosedForWriting())) {
            val immediate = StreamWriter(ScriptedSink().apply { fail(foreign) })
            immediate.write("x")
            val sink = ScriptedSink(room = 0)
            val waiting = StreamWriter(sink)
            waiting.write("x")
            val drain = begun { waiting.drain() }
            sink.fail(foreign)
            drain.await().exceptionOrNull().shouldBeInstanceOf<StreamClosedException>()
            for (writer in listOf(immediate, waiting)) {
                for (use in listOf<suspend () -> Unit>(writer::drain, writer::awaitClosed, { writer.write("y") })) {
                    val thrown = shouldThrow<StreamClosedException> { use() }
                    thrown.message shouldBe "what lies below the stream was closed"
                    thrown.causes.any { it === foreign } shouldBe true
                }
            }
        }
    }

    test("W-014 a sink whose wait is cancelled closes the stream, too") {
        val foreign = CancellationException("the selector was closed")
        val sink = WaitFailingSink(foreign)
        val writer = StreamWriter(sink)
        writer.write("x")
        val thrown = shouldThrow<StreamClosedException> { writer.drain() }
        thrown.causes.any { it === foreign } shouldBe true
        shouldThrow<StreamClosedException> { writer.awaitClosed() }
    }

    test("W-012 a bug in a sink is thrown on, and leaves nobody waiting") {
        val bug = IllegalArgumentException("off by one")
        val sink = ScriptedSink()
        val writer = StreamWriter(sink)
        sink.fail(bug)
        shouldThrow<IllegalArgumentException> { writer.write("x") } shouldBeSameInstanceAs bug
        val thrown = shouldThrow<IOException> { writer.drain() }
        thrown.message shouldBe "the sink of the stream is broken: $bug"
        thrown.causes.any { it === bug } shouldBe true
        writer.pending shouldBe 0
        writer.close()
        shouldThrow<IOException> { writer.awaitClosed() }
        sink.closes shouldBe 1
    }

    test("W-012 a bug in a sink that shows behind the scenes reaches the handler of there, and leaves nobody waiting") {
        val uncaught = CopyOnWriteArrayList<Throwable>()
        val sink = ScriptedSink(room = 0)
        val background = Dispatchers.Unconfined + CoroutineExceptionHandler { _, e -> uncaught += e }
        val writer = StreamWriter(sink, 100, null, Duration.INFINITE, background)
        writer.write("x")
        val waiting = List(3) { begun { writer.drain() } } + begun { writer.awaitClosed() }
        val bug = IllegalArgumentException("off by one")
        sink.fail(bug)
        for (wait in waiting) {
            wait
                .await()
                .exceptionOrNull()
                .shouldBeInstanceOf<IOException>()
                .message shouldBe
                "the sink of the stream is broken: $bug"
        }
        uncaught.map { it.causes.lastOrNull() ?: it } shouldBe listOf(bug)
        shouldThrow<IOException> { writer.write("y") }
        writer.close()
        sink.closes shouldBe 1
    }

    test("W-012 a bug in closing a sink leaves nobody waiting") {
        val uncaught = CopyOnWriteArrayList<Throwable>()
        val bug = IllegalStateException("closed twice")
        val sink = ScriptedSink().apply { closeFailure = bug }
        val background = Dispatchers.Unconfined + CoroutineExceptionHandler { _, e -> uncaught += e }
        val writer = StreamWriter(sink, 100, null, Duration.INFINITE, background)
        writer.close()
        shouldThrow<IOException> { writer.awaitClosed() }.message shouldBe "the sink of the stream is broken: $bug"
        uncaught.map { it.causes.lastOrNull() ?: it } shouldBe listOf(bug)
    }
})

private class ClosedForWriting : CancellationException("closed for writing")

private class WaitFailingSink(
    private val failure: Throwable,
) : dev.sluice.transport.ByteSink {
    override val canWriteEof: Boolean get() = false

    override fun tryWrite(from: java.nio.ByteBuffer): Int = 0

    override suspend fun awaitWritable(): Unit = throw failure

    override fun writeEof(): Unit = throw UnsupportedOperationException()

    override fun close(): Unit = Unit
}
