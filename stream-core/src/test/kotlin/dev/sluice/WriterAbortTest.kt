package dev.sluice

import dev.sluice.testing.memoryTransportPair
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.throwables.shouldThrowAny
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldNotBeSameInstanceAs
import java.io.IOException
import java.net.SocketException

internal class WriterAbortTest : FunSpec({
    test("W-044 abort() drops what is pending at once, any number of times, and never throws") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink)
        writer.write("dropped")
        repeat(3) {
            writer.abort()
            writer.pending shouldBe 0
            writer.isClosing shouldBe true
        }
        sink.closes shouldBe 1
        writer.close()
        writer.abort(IOException("too late"))
        writer.awaitClosed()
        sink.open()
        sink.size shouldBe 0
        sink.closes shouldBe 1
    }

    test("W-044 abort() never throws, whatever the sink does when it is closed") {
        for (failure in listOf(IOException("can't close"), IllegalStateException("bug"))) {
            val sink = ScriptedSink(room = 0).apply { closeFailure = failure }
            val writer = StreamWriter(sink)
            writer.write("x")
            val drain = begun { writer.drain() }
            writer.abort()
            drain.await().exceptionOrNull().shouldBeInstanceOf<StreamClosedException>()
            writer.awaitClosed()
            writer.isClosing shouldBe true
        }
    }

    test("W-044 after an orderly close abort() does nothing") {
        val transport = ScriptedTransport()
        val connection = Connection(transport)
        connection.close()
        connection.awaitClosed()
        connection.abort(IOException("late"))
        transport.aborts shouldBe 0
        connection.awaitClosed()
    }

    test("W-044 after a loss abort() still releases what lies below, once") {
        val transport = ScriptedTransport()
        val connection = Connection(transport)
        transport.sink.fail(ConnectionResetException("reset"))
        connection.writer.write("x")
        transport.aborts shouldBe 0
        connection.abort()
        transport.aborts shouldBe 1
        shouldThrow<StreamClosedException> { connection.reader.read() }
        connection.abort()
        connection.close()
        transport.aborts shouldBe 1
        shouldThrow<ConnectionResetException> { connection.awaitClosed() }.message shouldBe "reset"
        shouldThrow<ConnectionResetException> { connection.writer.write("y") }
    }

    test("W-014 after abort() writes throw its cause") {
        for (why in listOf(null, IOException("no space"), IllegalStateException("a bug"))) {
            val writer = StreamWriter(ScriptedSink())
            writer.abort(why)
            for (write in everyWrite(writer)) {
                val thrown = shouldThrow<StreamClosedException> { write() }
                thrown.message shouldBe "the stream was aborted by this side"
                if (why != null) thrown.cause shouldBe why
            }
        }
    }

    test("W-046 awaitClosed() returns after a plain abort(), also one during the flush of a close") {
        val aborted = StreamWriter(ScriptedSink())
        aborted.abort()
        repeat(2) { aborted.awaitClosed() }
        val flushing = StreamWriter(ScriptedSink(room = 0))
        flushing.write("x")
        flushing.close()
        val closed = begun { flushing.awaitClosed() }
        flushing.abort()
        closed.await().getOrThrow()
        flushing.awaitClosed()
    }

    test("W-046 abort(cause) is thrown by awaitClosed(), wrapped if it is no IOException") {
        for (cause in listOf(IOException("no space"), SocketException("no route"), ConnectionResetException("reset"))) {
            val writer = StreamWriter(ScriptedSink(room = 0))
            writer.write("x")
            writer.close()
            writer.abort(cause)
            repeat(2) {
                val thrown = shouldThrowAny { writer.awaitClosed() }
                thrown.javaClass shouldBe cause.javaClass
                thrown.message shouldBe cause.message
                (thrown === cause || thrown.cause === cause) shouldBe true
            }
        }
        val bug = IllegalStateException("a bug")
        val writer = StreamWriter(ScriptedSink())
        writer.abort(bug)
        val first = shouldThrow<StreamClosedException> { writer.awaitClosed() }
        first.message shouldBe "the stream was aborted by this side"
        first.cause shouldBe bug
        first shouldNotBeSameInstanceAs shouldThrow<StreamClosedException> { writer.awaitClosed() }
    }

    test("W-045 the peer of an aborted connection sees a reset, not an end") {
        val (left, right) = memoryTransportPair()
        val a = Connection(left)
        val b = Connection(right)
        a.writer.write("only a part")
        a.abort()
        b.reader.readExactly(11).decodeToString() shouldBe "only a part"
        shouldThrow<ConnectionResetException> { b.reader.read() }
        shouldThrow<ConnectionResetException> { b.writer.drain() }
        a.awaitClosed()
    }

    test("W-045 a bare writer over a transport aborts it; over a sink it closes it") {
        val transport = ScriptedTransport()
        StreamWriter(transport).abort()
        transport.aborts shouldBe 1
        val sink = ScriptedSink()
        StreamWriter(sink).abort()
        sink.closes shouldBe 1
    }

    test("W-046 the reads of an aborted connection throw, waiting or later") {
        val transport = ScriptedTransport()
        val connection = Connection(transport)
        val reading = begun { connection.reader.readLine() }
        reading.isCompleted shouldBe false
        connection.abort()
        reading.await().exceptionOrNull().shouldBeInstanceOf<StreamClosedException>()
        shouldThrow<StreamClosedException> { connection.reader.read() }
    }
})
