@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.sluice

import dev.sluice.testing.Chunking
import dev.sluice.testing.checkHalfCloseableStream
import dev.sluice.testing.memoryTransportPair
import dev.sluice.transport.Transport
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.StandardTestDispatcher
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.test.testTimeSource
import java.io.IOException
import java.nio.ByteBuffer
import kotlin.random.Random

/** Limits, copies and throttles on one another. */
internal class StackedStreamsTest : FunSpec({
    readerTest("stacked in any order, read in any pieces and cancelled at any moment, they lose no byte") {
        repeat(300) { seed ->
            withClue("seed $seed") {
                val random = Random(seed)
                val sent = patternBytes(random.nextInt(3_000), seed)
                val (near, far) =
                    memoryTransportPair(
                        capacity = 1 + random.nextInt(500),
                        chunking = Chunking.random(seed.toLong()),
                    )
                val sending =
                    launch {
                        val writer = StreamWriter(far)
                        sent.toList().chunked(100).forEach {
                            writer.write(it.toByteArray())
                            writer.drain()
                        }
                        writer.writeEof()
                    }
                // Often the whole, and often cut.
                val wanted = if (random.nextBoolean()) sent else sent.copyOf(random.nextInt(sent.size + 1))
                val copies = ArrayList<Pair<StreamReader, StreamWriter>>()
                val throttle = Throttle(1_000L + random.nextInt(100_000), testTimeSource)
                val below = StreamReader(near)
                var reader = below.limited(wanted.size.toLong())
                repeat(1 + random.nextInt(4)) {
                    reader =
                        when (random.nextInt(3)) {
                            0 -> {
                                reader.limited(wanted.size.toLong() + random.nextInt(2))
                            }

                            1 -> {
                                val (here, there) = memoryTransportPair(capacity = 1 + random.nextInt(4_000))
                                val limit = 1 + random.nextInt(5_000)
                                val copy =
                                    Connection(
                                        here,
                                        writeLimit = limit,
                                        background = StandardTestDispatcher(testScheduler),
                                    ).writer
                                copies += StreamReader(there) to if (random.nextBoolean()) copy else copy.throttled(throttle)
                                reader.tee(copies.last().second)
                            }

                            else -> {
                                reader.throttled(throttle)
                            }
                        }
                }
                val copied = copies.map { (copy, _) -> async { copy.read() } }
                val read = ArrayList<Byte>()
                while (!reader.atEof) {
                    val reading =
                        launch {
                            when (random.nextInt(3)) {
                                0 -> reader.read(1 + random.nextInt(300)).forEach(read::add)
                                1 -> reader.readExactly(minOf(1 + random.nextInt(50), wanted.size - read.size)).forEach(read::add)
                                else -> reader.read(0)
                            }
                            if (read.size == wanted.size) reader.read(1)
                        }
                    if (random.nextBoolean()) {
                        runCurrent()
                        testScheduler.advanceTimeBy(random.nextLong(30))
                        reading.cancelAndJoin()
                    } else {
                        reading.join()
                    }
                }
                read shouldBe wanted.toList()
                below.read() shouldBe sent.copyOfRange(wanted.size, sent.size)
                sending.join()
                copies.forEach { (_, writer) -> writer.writeEof() }
                copied.forEach { it.await() shouldBe wanted }
            }
        }
    }

    test("streams under limits, copies and throttles keep the contract of transports") {
        runTest {
            checkHalfCloseableStream { wrapped { reader, writer -> reader.limited(Long.MAX_VALUE) to writer } }
            checkHalfCloseableStream { wrapped { reader, writer -> reader.tee(StreamWriter(Swallowing)) to writer } }
            val throttle = Throttle(10_000_000, testTimeSource)
            checkHalfCloseableStream { wrapped { reader, writer -> reader.throttled(throttle) to writer.throttled(throttle) } }
        }
    }
})

/** An in-memory pair of which the first transport goes through streams that [wrap] has made. */
private fun TestScope.wrapped(
    wrap: (StreamReader, StreamWriter) -> Pair<StreamReader, StreamWriter>,
): Pair<Transport, Transport> {
    val (near, far) = memoryTransportPair()
    val connection = Connection(near, background = StandardTestDispatcher(testScheduler))
    val (reader, writer) = wrap(connection.reader, connection.writer)
    return OverStreams(connection, reader, writer) to far
}

/** What streams do, as a transport. */
private class OverStreams(
    private val connection: Connection,
    private val reader: StreamReader,
    private val writer: StreamWriter,
) : Transport {
    private val source = object : ReaderSource(reader) {}
    private val sink = object : WriterSink(writer) {}

    @Volatile
    private var isClosed = false

    @Volatile
    private var isEnded = false

    override val info: StreamInfo get() = connection.info
    override val canWriteEof: Boolean get() = sink.canWriteEof

    override fun tryRead(into: ByteBuffer): Int = unlessClosed { source.tryRead(into) }

    override suspend fun awaitReadable(): Unit = unlessClosed { source.awaitReadable() }

    override fun tryWrite(from: ByteBuffer): Int =
        unlessClosed {
            if (isEnded) throw StreamClosedException("ended by this side")
            sink.tryWrite(from)
        }

    override suspend fun awaitWritable(): Unit = unlessClosed { sink.awaitWritable() }

    override fun writeEof(): Unit =
        unlessClosed {
            sink.writeEof()
            isEnded = true
        }

    /** A writer goes on telling its first failure when it is closed; a transport then is that. */
    private inline fun <T> unlessClosed(operation: () -> T): T {
        try {
            if (!isClosed) return operation()
        } catch (e: IOException) {
            if (!isClosed) throw e
        }
        throw StreamClosedException("closed by this side")
    }

    override fun close() {
        isClosed = true
        source.close()
        sink.close()
    }

    override fun abort() {
        isClosed = true
        source.close()
        writer.abort()
    }
}

private object Swallowing : dev.sluice.transport.ByteSink {
    override val canWriteEof: Boolean get() = false

    override fun tryWrite(from: ByteBuffer): Int = from.remaining().also(from::advance)

    override suspend fun awaitWritable(): Unit = Unit

    override fun writeEof(): Unit = throw UnsupportedOperationException()

    override fun close(): Unit = Unit
}
