package dev.sluice

import dev.sluice.testing.memoryTransportPair
import dev.sluice.transport.ByteSource
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.longs.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.withContext
import java.io.IOException
import java.nio.ByteBuffer
import java.util.concurrent.CyclicBarrier

private const val CLOSED = "the stream was closed by this side"

internal class ReaderCloseTest : FunSpec({
    readerTest("R-061 the own writer's close ends a waiting readExactly promptly, while bytes are still to be flushed") {
        val (here, there) = memoryTransportPair(capacity = 10)
        val connection = Connection(here)
        there.tryWrite(ByteBuffer.wrap(latin1("abc")))
        val reading = waiting { shouldThrow<StreamClosedException> { connection.reader.readExactly(10) } }
        connection.writer.write("a flush that its peer does not take")
        connection.writer.close()
        reading.await().message shouldBe CLOSED
        connection.writer.pending shouldBeGreaterThan 0
        connection.abort()
    }

    readerTest("R-062 the own writer's close or abort ends whatever waits, with or without bytes: never a made-up end") {
        for (read in patientReads) {
            for (bytes in listOf("", "ab")) {
                for (end in ownEnds) {
                    withClue("$read with '$bytes', $end") {
                        val (here, there) = memoryTransportPair(capacity = 10)
                        val connection = Connection(here)
                        there.tryWrite(ByteBuffer.wrap(latin1(bytes)))
                        val reading = waiting { shouldThrow<StreamClosedException> { read(connection.reader) } }
                        connection.writer.write("a flush that its peer does not take")
                        end(connection)
                        reading.await().message shouldBe CLOSED
                        connection.reader.atEof shouldBe false
                        connection.abort()
                    }
                }
            }
        }
    }

    readerTest("R-063 what begins after the own close or abort throws at once, bytes or not") {
        for (end in ownEnds) {
            withClue(end) {
                val (here, there) = memoryTransportPair()
                val connection = Connection(here)
                there.tryWrite(ByteBuffer.wrap(latin1("line,\nmore,\n")))
                connection.reader.readLine() shouldBe "line,"
                end(connection)
                for (read in everyRead) {
                    withClue(read) { shouldThrow<StreamClosedException> { read(connection.reader) }.message shouldBe CLOSED }
                }
                connection.reader.buffered shouldBe 0
                connection.reader.atEof shouldBe false
            }
        }
    }

    readerTest("R-063 a stream that had met its end is closed, too") {
        val reader = readerOf("")
        reader.read().latin1 shouldBe ""
        reader.close()
        reader.atEof shouldBe false
        shouldThrow<StreamClosedException> { reader.read() }
    }

    readerTest("close ends every operation that waits, and closes the source once") {
        for (read in everyRead) {
            withClue(read) {
                val source = StubbornSource()
                val reader = StreamReader(source)
                val reading = waiting { shouldThrow<StreamClosedException> { read(reader) } }
                repeat(2) { reader.close() }
                reading.await().message shouldBe CLOSED
                source.closes shouldBe 1
            }
        }
    }

    readerTest("a connection's reader can be closed alone: writing goes on") {
        val (here, there) = memoryTransportPair()
        val connection = Connection(here)
        val peer = Connection(there)
        val reading = waiting { shouldThrow<StreamClosedException> { connection.reader.readLine() } }
        connection.reader.close()
        reading.await().message shouldBe CLOSED
        connection.writer.isClosing shouldBe false
        connection.writer.write("hello\n")
        peer.reader.readLine() shouldBe "hello"
        connection.close()
        connection.awaitClosed()
        peer.reader.read().latin1 shouldBe ""
    }

    readerTest("R-061 a copy that waits for a slow writer hears of the reader's close, and copies no more") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        val (left, right) = memoryTransportPair(capacity = 10)
        val copying = waiting { shouldThrow<StreamClosedException> { reader.copyTo(StreamWriter(left)) } }
        feed.feed("x".repeat(100))
        stillWaits(copying)
        feed.feed("y")
        reader.close()
        copying.await().message shouldBe CLOSED
        StreamReader(right).readExactly(100).latin1 shouldBe "x".repeat(100)
    }

    readerTest("bytes that come while the reader is being closed are not delivered, and neither is a failure") {
        var close = {}
        val reader = StreamReader(PiecewiseSource(listOf(latin1("abc"))) { -1.also { close() } })
        close = reader::close
        shouldThrow<StreamClosedException> { reader.read() }.message shouldBe CLOSED
        val failing = StreamReader(PiecewiseSource(emptyList()) { throw IOException("late").also { close() } })
        close = failing::close
        shouldThrow<StreamClosedException> { failing.read(1) }.message shouldBe CLOSED
    }

    readerTest(
        "bytes that the source has moved when the reader is closed are the caller's: no buffer moves together with an error",
    ) {
        var close = {}
        val source =
            object : ByteSource {
                override fun tryRead(into: ByteBuffer): Int {
                    into.put(1)
                    close()
                    return 1
                }

                override suspend fun awaitReadable(): Unit = Unit

                override fun close(): Unit = Unit
            }
        val reader = StreamReader(source)
        close = reader::close
        val buffer = ByteBuffer.allocate(10)
        reader.read(buffer) shouldBe 1
        buffer.position() shouldBe 1
        shouldThrow<StreamClosedException> { reader.read(buffer) }.message shouldBe CLOSED
    }

    test("close from another thread ends what waits") {
        for (read in everyRead) {
            withClue(read) {
                val reader = StreamReader(StubbornSource())
                withContext(Dispatchers.Default) {
                    val reading =
                        async(start = CoroutineStart.UNDISPATCHED) { shouldThrow<StreamClosedException> { read(reader) } }
                    Thread { reader.close() }.apply { start() }.join()
                    reading.await().message shouldBe CLOSED
                }
            }
        }
    }

    test("a read that begins while another thread closes is told of the close, not of another reader") {
        repeat(500) {
            val reader = readerOf("x".repeat(10_000))
            val together = CyclicBarrier(2)
            val closer =
                Thread {
                    together.await()
                    reader.close()
                }
            closer.start()
            together.await()
            val thrown = runCatching { while (true) reader.readExactly(1) }.exceptionOrNull()
            closer.join()
            if (thrown !is IncompleteReadException) thrown.shouldBeInstanceOf<StreamClosedException>()
        }
    }
})

private class OwnEnd(
    private val name: String,
    private val end: (Connection) -> Unit,
) {
    operator fun invoke(connection: Connection): Unit = end(connection)

    override fun toString(): String = name
}

private val ownEnds =
    listOf(
        OwnEnd("writer.close") { it.writer.close() },
        OwnEnd("close") { it.close() },
        OwnEnd("writer.abort") { it.writer.abort() },
        OwnEnd("abort with a cause") { it.abort(IOException("why")) },
        OwnEnd("reader.close") { it.reader.close() },
    )

/** Has nothing, and does not wake who waits for it when it is closed. */
private class StubbornSource : ByteSource {
    var closes = 0

    override fun tryRead(into: ByteBuffer): Int = 0

    override suspend fun awaitReadable(): Unit = awaitCancellation()

    override fun close() {
        closes++
    }
}
