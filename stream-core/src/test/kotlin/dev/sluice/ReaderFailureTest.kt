package dev.sluice

import dev.sluice.testing.memoryTransportPair
import dev.sluice.transport.ByteSource
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldNotBeSameInstanceAs
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.isActive
import kotlinx.coroutines.withTimeout
import java.io.IOException
import java.net.SocketException
import java.nio.ByteBuffer

internal class ReaderFailureTest : FunSpec({
    readerTest("R-054 a failure ends an operation that waits with nothing") {
        for (read in everyRead) {
            withClue(read) {
                val feed = StreamFeed()
                val reader = StreamReader(feed)
                val failing = waiting { shouldThrow<ConnectionResetException> { read(reader) } }
                feed.fail(ConnectionResetException("reset"))
                failing.await().message shouldBe "reset"
                shouldThrow<ConnectionResetException> { reader.read(1) }.message shouldBe "reset"
                reader.atEof shouldBe false
            }
        }
    }

    readerTest("R-054 a failure ends an operation that waits for more, read() too, and the bytes stay") {
        for (read in patientReads) {
            withClue(read) {
                val feed = StreamFeed()
                val reader = StreamReader(feed)
                feed.feed("ab")
                val failing = waiting { shouldThrow<IOException> { read(reader) } }
                feed.fail(IOException("broken"))
                failing.await().message shouldBe "broken"
                reader.read(5).latin1 shouldBe "ab"
                shouldThrow<IOException> { reader.read(5) }.message shouldBe "broken"
            }
        }
    }

    readerTest(
        "R-055 bytes that came before the failure come first: what they satisfy succeeds, the rest throws and takes nothing",
    ) {
        for (cause in listOf(ConnectionResetException("reset"), IOException("broken"), SocketException("Broken pipe"))) {
            for (pieces in everyCut("220 ok\r\nhalf")) {
                withClue("$cause after pieces of ${pieces.map { it.size }}") {
                    val reader = StreamReader(PiecewiseSource(pieces) { throw cause })
                    reader.readLine() shouldBe "220 ok"
                    failsLike(cause) { reader.readLine() }
                    failsLike(cause) { reader.readExactly(5) }
                    failsLike(cause) { reader.readUntil("XY", "Z") }
                    failsLike(cause) { reader.read() }
                    failsLike(cause) { reader.iterator().hasNext() }
                    reader.readExactly(1).latin1 shouldBe "h"
                    reader.read(10).latin1 shouldBe "alf"
                    failsLike(cause) { reader.read(10) }
                    failsLike(cause) { reader.read(ByteBuffer.allocate(4)) }
                    reader.atEof shouldBe false
                }
            }
        }
    }

    readerTest("R-055 what a peer sent before its reset can be read, then the reset shows") {
        val (here, there) = memoryTransportPair()
        there.tryWrite(ByteBuffer.wrap(latin1("reply\nrest")))
        there.abort()
        val connection = Connection(here)
        connection.reader.readLine() shouldBe "reply"
        shouldThrow<ConnectionResetException> { connection.reader.readLine() }
        connection.reader.read(10).latin1 shouldBe "rest"
        shouldThrow<ConnectionResetException> { connection.reader.read(10) }
        shouldThrow<ConnectionResetException> { connection.writer.drain() }
    }

    readerTest("R-056 a failure right behind the bytes, in one turn, still fails the operation that waits for more") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        val failing = waiting { shouldThrow<IOException> { reader.readExactly(5) } }
        feed.feed("abc")
        feed.fail(IOException("broken"))
        failing.await().message shouldBe "broken"
        reader.read(5).latin1 shouldBe "abc"

        val later = StreamFeed()
        val other = StreamReader(later)
        val waiting = waiting { shouldThrow<IOException> { other.readExactly(5) } }
        later.feed("abc")
        stillWaits(waiting)
        later.fail(IOException("broken"))
        waiting.await().message shouldBe "broken"
    }

    readerTest("R-057 bytes that complete a line and a failure in one turn: the line, then the failure") {
        for (read in patientReads - patientReads.first()) {
            withClue(read) {
                val feed = StreamFeed()
                val reader = StreamReader(feed)
                val line = waiting { read(reader) }
                feed.feed("abcd,\n")
                feed.fail(IOException("broken"))
                line.await()
                shouldThrow<IOException> { reader.readExactly(100) }.message shouldBe "broken"
            }
        }
    }

    readerTest("R-058 the end was first: bytes, then the end, whatever fails later") {
        val (here, there) = memoryTransportPair()
        val connection = Connection(here)
        there.tryWrite(ByteBuffer.wrap(latin1("reply")))
        there.writeEof()
        there.abort()
        connection.writer.write("late")
        shouldThrow<ConnectionResetException> { connection.writer.drain() }
        connection.reader.readExactly(2).latin1 shouldBe "re"
        connection.reader.read().latin1 shouldBe "ply"
        connection.reader.atEof shouldBe true
        repeat(2) { connection.reader.read(5).latin1 shouldBe "" }
    }

    readerTest("R-058 after the end the source is not asked again") {
        var ends = 0
        val reader = StreamReader(PiecewiseSource(emptyList()) { if (ends++ == 0) -1 else throw IOException("late") })
        repeat(3) { reader.read(5).latin1 shouldBe "" }
        shouldThrow<IncompleteReadException> { reader.readExactly(1) }
        ends shouldBe 1
    }

    readerTest("R-059 the first failure is final: the source is not asked again") {
        var failures = 0
        val reader = StreamReader(PiecewiseSource(emptyList()) { throw IOException("failure ${++failures}") })
        for (read in everyRead) {
            withClue(read) { shouldThrow<IOException> { read(reader) }.message shouldBe "failure 1" }
        }
        failures shouldBe 1
    }

    readerTest("R-060 every later call throws the same type and message, in an object of its own with the first as cause") {
        val first = ConnectionResetException("reset by 10.0.0.1")
        val reader = StreamReader(PiecewiseSource(emptyList()) { throw first })
        val thrown = List(3) { shouldThrow<ConnectionResetException> { reader.read(5) } }
        for (one in thrown) {
            one.message shouldBe "reset by 10.0.0.1"
            one.causes().last() shouldBe first
            one.suppressed.size shouldBe 0
        }
        thrown[1] shouldNotBeSameInstanceAs thrown[2]
        thrown.last().causes().size shouldBe thrown[1].causes().size
    }

    readerTest("a CancellationException from tryRead is the stream's failure, and cancels nobody") {
        val reader = StreamReader(PiecewiseSource(listOf(latin1("ab"))) { throw CancellationException("selector closed") })
        val exact = shouldThrow<StreamClosedException> { reader.readExactly(5) }
        exact
            .causes()
            .last()
            .shouldBeInstanceOf<CancellationException>()
            .message shouldBe "selector closed"
        reader.read(5).latin1 shouldBe "ab"
        for (read in everyRead) {
            withClue(read) { shouldThrow<StreamClosedException> { read(reader) } }
        }
        currentCoroutineContext().isActive shouldBe true
    }

    readerTest("a CancellationException from awaitReadable is the stream's failure, and cancels nobody") {
        for (read in everyRead) {
            withClue(read) {
                val reader = StreamReader(CancellingSource { throw CancellationException("selector closed") })
                repeat(2) { shouldThrow<StreamClosedException> { read(reader) } }
                currentCoroutineContext().isActive shouldBe true
            }
        }
    }

    readerTest("a time-out of the source's own is the stream's failure, not the caller's time-out") {
        val reader = StreamReader(CancellingSource { withTimeout(1) { awaitCancellation() } })
        withTimeout(1_000) {
            shouldThrow<StreamClosedException> { reader.readLine() }
            isActive shouldBe true
        }
    }

    readerTest("a bug in the source is thrown as it is, and the reader is free again") {
        var bugs = 0
        val source = PiecewiseSource(emptyList()) { if (bugs++ == 0) throw IllegalArgumentException("a bug") else -1 }
        val reader = StreamReader(source)
        shouldThrow<IllegalArgumentException> { reader.read(5) }.message shouldBe "a bug"
        reader.read(5).latin1 shouldBe ""
    }
})

/** Never has anything; [wait] is what waiting for it comes to. */
private class CancellingSource(
    private val wait: suspend () -> Unit,
) : ByteSource {
    override fun tryRead(into: ByteBuffer): Int = 0

    override suspend fun awaitReadable(): Unit = wait()

    override fun close(): Unit = Unit
}

private fun Throwable.causes(): List<Throwable> = generateSequence(this) { it.cause }.toList()

private suspend fun failsLike(
    cause: IOException,
    read: suspend () -> Any?,
) {
    val thrown = shouldThrow<IOException> { read() }
    thrown.javaClass shouldBe cause.javaClass
    thrown.message shouldBe cause.message
}
