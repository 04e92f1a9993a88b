package dev.sluice

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeoutOrNull
import java.io.IOException
import java.nio.ByteBuffer
import kotlin.time.Duration.Companion.milliseconds

internal class WriterCloseTest : FunSpec({
    test("W-013, W-016, W-036 after close() every write throws, and the sink gets nothing, close after close") {
        val sink = ScriptedSink()
        val writer = StreamWriter(sink)
        writer.write("before")
        repeat(3) {
            writer.close()
            for (write in everyWrite(writer)) {
                shouldThrow<StreamClosedException> { write() }.message shouldBe "the stream was closed by this side"
            }
        }
        sink.text shouldBe "before"
        sink.closes shouldBe 1
    }

    test("W-015, W-016, W-036 while the flush of a close runs writes throw, and the peer gets what was written before") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink)
        writer.write("before")
        repeat(3) {
            writer.close()
            for (write in everyWrite(writer)) shouldThrow<StreamClosedException> { write() }
            sink.open(1)
        }
        sink.closes shouldBe 0
        sink.open()
        writer.awaitClosed()
        sink.text shouldBe "before"
        sink.closes shouldBe 1
    }

    test("W-035 close() returns at once; the bytes arrive, then the sink is closed") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink)
        writer.write(patternBytes(100_000))
        writer.close()
        writer.pending shouldBe 100_000
        sink.closes shouldBe 0
        sink.open(99_999)
        sink.closes shouldBe 0
        sink.open(1)
        sink.closes shouldBe 1
        writer.awaitClosed()
        sink.bytes shouldBe patternBytes(100_000)
    }

    test("W-037 isClosing is true from the call of close(), of abort(), and from a loss") {
        val closed = StreamWriter(ScriptedSink(room = 0))
        closed.isClosing shouldBe false
        closed.write("x")
        closed.close()
        closed.isClosing shouldBe true
        val aborted = StreamWriter(ScriptedSink())
        aborted.abort()
        aborted.isClosing shouldBe true
        val sink = ScriptedSink()
        val lost = StreamWriter(sink)
        lost.writeEof()
        lost.isClosing shouldBe false
        val broken = StreamWriter(ScriptedSink().apply { fail(IOException("gone")) })
        broken.write("x")
        broken.isClosing shouldBe true
        closed.abort()
    }

    test("W-040 awaitClosed() returns after close(), and again at once") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink)
        writer.write("x")
        val early = begun { writer.awaitClosed() }
        writer.close()
        val late = begun { writer.awaitClosed() }
        early.isCompleted shouldBe false
        late.isCompleted shouldBe false
        sink.open()
        early.await().getOrThrow()
        late.await().getOrThrow()
        repeat(2) { begun { writer.awaitClosed() }.isCompleted shouldBe true }
    }

    test("W-040 without close() it waits until the connection is lost; the peer's end does not end it") {
        val transport = ScriptedTransport()
        val connection = Connection(transport)
        val closed = begun { connection.awaitClosed() }
        transport.feed.feedEof()
        connection.reader.read()
        closed.isCompleted shouldBe false
        connection.writer.writeEof()
        closed.isCompleted shouldBe false
        val other = Connection(ScriptedTransport().apply { feed.fail(ConnectionResetException("reset")) })
        val lost = begun { other.awaitClosed() }
        lost.isCompleted shouldBe false
        shouldThrow<ConnectionResetException> { other.reader.read() }
        lost
            .await()
            .exceptionOrNull()
            .shouldBeInstanceOf<ConnectionResetException>()
            .message shouldBe "reset"
        other.close()
        connection.close()
        closed.await().getOrThrow()
    }

    test("W-041 a reset before or during the close shows in awaitClosed() each time; close() and use are quiet") {
        val reset = ConnectionResetException("reset by the peer")
        val before = ScriptedSink()
        val during = ScriptedSink(room = 0)
        for (sink in listOf(before, during)) {
            val writer = StreamWriter(sink)
            if (sink == before) {
                sink.fail(reset)
                writer.write("lost")
                shouldThrow<ConnectionResetException> { writer.drain() }
                writer.close()
            } else {
                writer.write("lost")
                writer.close()
                sink.fail(reset)
            }
            val thrown = List(3) { shouldThrow<ConnectionResetException> { writer.awaitClosed() } }
            thrown.forEach {
                it.message shouldBe "reset by the peer"
                it.causes.last() shouldBe reset
            }
            thrown.distinctBy { System.identityHashCode(it) }.size shouldBe 3
            writer.close()
            writer.isClosing shouldBe true
            writer.pending shouldBe 0
            sink.closes shouldBe 1
        }
        val transport = ScriptedTransport().apply { sink.fail(reset) }
        Connection(transport).use { (_, writer) -> writer.write("lost") }
        transport.aborts shouldBe 1
    }

    test("W-041 a sink that fails to close shows in awaitClosed()") {
        val failure = IOException("the last flush failed")
        val sink = ScriptedSink().apply { closeFailure = failure }
        val writer = StreamWriter(sink)
        writer.close()
        repeat(2) {
            val thrown = shouldThrow<IOException> { writer.awaitClosed() }
            thrown.message shouldBe "the last flush failed"
            thrown.cause shouldBe failure
        }
    }

    test("W-043 a cancelled or timed-out awaitClosed() affects its own caller only") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink)
        writer.write("x")
        writer.close()
        val other = begun { writer.awaitClosed() }
        launch(Dispatchers.Unconfined) { writer.awaitClosed() }.cancelAndJoin()
        withTimeoutOrNull(1.milliseconds) { writer.awaitClosed() } shouldBe null
        other.isCompleted shouldBe false
        sink.fail(ConnectionResetException("gone"))
        other.await().exceptionOrNull().shouldBeInstanceOf<ConnectionResetException>()
        shouldThrow<ConnectionResetException> { writer.awaitClosed() }
    }

    test("W-038 a bare writer has no bound on its flush; abort() ends it") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink)
        writer.write("x")
        writer.close()
        val closed = begun { writer.awaitClosed() }
        closed.isCompleted shouldBe false
        writer.isClosing shouldBe true
        writer.abort()
        closed.await().getOrThrow()
        sink.closes shouldBe 1
        sink.size shouldBe 0
    }
})

/** Every way to write, one byte or nothing. */
internal fun everyWrite(writer: StreamWriter): List<suspend () -> Unit> =
    listOf(
        { writer.write("x") },
        { writer.write("") },
        { writer.write(ByteArray(1)) },
        { writer.write(ByteBuffer.allocate(1)) },
        { writer.write(ByteBuffer.allocate(0)) },
        { writer.writeLines(listOf(ByteArray(1))) },
        { writer.writeLines(emptyList()) },
        { writer.sendFile(emptyFile()) },
    )
