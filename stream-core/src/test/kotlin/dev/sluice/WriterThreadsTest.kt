package dev.sluice

import dev.sluice.testing.Chunking
import dev.sluice.testing.memoryTransportPair
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import java.io.IOException
import java.nio.ByteBuffer
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CyclicBarrier
import kotlin.random.Random
import kotlin.time.Duration.Companion.seconds

internal class WriterThreadsTest : FunSpec({
    test("W-002 of many threads each call's bytes stay together, and each thread's calls in order") {
        for (atMost in listOf(Int.MAX_VALUE, 13, 1000)) {
            val sink = ScriptedSink(atMost = atMost)
            val writer = StreamWriter(sink)
            inThreads(*Array(6) { id -> { repeat(1000) { writer.writeRecord(id, it) } } })
            writer.pending shouldBe 0
            recordsIn(sink.bytes).groupBy({ it.writer }, { it.number }) shouldBe
                (0 until 6).associateWith { (0 until 1000).toList() }
        }
    }

    test("W-002 the same while the sink is full again and again") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink)
        val random = Random(1)
        var writing = 4
        val writers = Array(4) { id -> { repeat(1000) { writer.writeRecord(id, it) }.also { synchronized(sink) { writing-- } } } }
        inThreads(*writers, { while (synchronized(sink) { writing > 0 }) sink.open(random.nextLong(1, 500)) })
        sink.open()
        writer.pending shouldBe 0
        recordsIn(sink.bytes).groupBy({ it.writer }, { it.number }) shouldBe (0 until 4).associateWith { (0 until 1000).toList() }
    }

    test("W-002, W-021 the same through a narrow pipe, each coroutine draining as it goes") {
        val (left, right) = memoryTransportPair(capacity = 100, chunking = Chunking.random(7))
        val a = Connection(left)
        val b = Connection(right)
        coroutineScope {
            val received = async(Dispatchers.Default) { b.reader.read() }
            List(8) { id ->
                async(Dispatchers.Default) {
                    repeat(200) {
                        a.writer.writeRecord(id, it)
                        a.writer.drain()
                    }
                }
            }.awaitAll()
            a.writer.pending shouldBe 0
            a.close()
            a.awaitClosed()
            val byWriter = recordsIn(received.await()).groupBy({ it.writer }, { it.number })
            byWriter shouldBe (0 until 8).associateWith { (0 until 200).toList() }
        }
        b.close()
    }

    test("W-002 a write made inside the sink's tryWrite comes after the one that is being written") {
        for (room in listOf(Long.MAX_VALUE, 3L)) {
            val sink = ScriptedSink(room, atMost = 2)
            val writer = StreamWriter(sink)
            var left = 3
            sink.onWrite = { if (left > 0) writer.write("<${left--}>") }
            writer.write("hello ")
            writer.write("world")
            sink.open()
            sink.text shouldBe "hello <3><2><1>world"
            writer.pending shouldBe 0
        }
    }

    test("W-002 code that a write resumes in place may write to the same writer, drain and close it") {
        val (left, right) = memoryTransportPair(capacity = 4)
        val a = Connection(left)
        val b = Connection(right)
        val received = StringBuilder()
        val peer =
            begun {
                while (true) {
                    val chunk = b.reader.read(100)
                    if (chunk.isEmpty()) break
                    received.append(chunk.decodeToString())
                    if ("hello world" in received && "!" !in received) {
                        a.writer.write("!")
                        a.close()
                    }
                }
            }
        a.writer.write("hello world")
        peer.await().getOrThrow()
        received.toString() shouldBe "hello world!"
        a.awaitClosed()
        b.close()
    }

    test("W-015, W-035 a close among writes: what was accepted arrives whole, what was refused not at all") {
        repeat(300) { round ->
            val sink = ScriptedSink(room = round.toLong() % 50, atMost = 1 + round % 40)
            val writer = StreamWriter(sink)
            val accepted = ConcurrentLinkedQueue<Record>()
            val start = CyclicBarrier(4)
            inThreads(
                *Array(2) { id ->
                    {
                        start.await()
                        repeat(20) { number ->
                            if (runCatching { writer.writeRecord(id, number) }.isSuccess) accepted += Record(id, number)
                        }
                    }
                },
                {
                    start.await()
                    repeat(round % 7) { Thread.onSpinWait() }
                    writer.close()
                },
                {
                    start.await()
                    repeat(10) { sink.open(3) }
                    sink.open()
                },
            )
            runBlocking { withTimeout(30.seconds) { writer.awaitClosed() } }
            recordsIn(sink.bytes).toSet() shouldBe accepted.toSet()
            writer.pending shouldBe 0
            sink.closes shouldBe 1
        }
    }

    test("W-044, W-027 an abort among everything else ends it all, and what had left is whole up to a cut") {
        repeat(300) { round ->
            val transport = ScriptedTransport(ScriptedSink(room = round.toLong() % 90, atMost = 1 + round % 40))
            val connection = Connection(transport)
            val writer = connection.writer
            val start = CyclicBarrier(6)
            inThreads(
                *Array(2) { id ->
                    {
                        start.await()
                        runIo { repeat(20) { writer.writeRecord(id, it) } }
                    }
                },
                {
                    start.await()
                    runBlocking { withTimeout(30.seconds) { runIo { repeat(20) { writer.drain() } } } }
                },
                {
                    start.await()
                    runBlocking { withTimeout(30.seconds) { runIo { connection.reader.read() } } }
                },
                {
                    start.await()
                    repeat(10) { transport.sink.open(3) }
                    if (round % 3 == 0) writer.writeEof()
                    if (round % 4 == 0) writer.close()
                },
                {
                    start.await()
                    repeat(round % 7) { Thread.onSpinWait() }
                    connection.abort()
                },
            )
            runBlocking { withTimeout(30.seconds) { connection.awaitClosed() } }
            writer.pending shouldBe 0
            writer.isClosing shouldBe true
            // An abort that meets the last step of a close may close what is being closed.
            (transport.sink.closes in 1..2) shouldBe true
            transport.sink.isAwaited shouldBe false
            recordsIn(transport.sink.bytes, mayBeCut = true).groupBy({ it.writer }, { it.number }).values.forEach { numbers ->
                numbers shouldBe numbers.indices.toList()
            }
        }
    }

    test("W-022, W-041 a loss that the reader meets among writes and drains fails each of them, and nobody waits on") {
        repeat(300) { round ->
            val transport = ScriptedTransport(ScriptedSink(room = 40, atMost = 1 + round % 40))
            val connection = Connection(transport)
            val start = CyclicBarrier(4)
            inThreads(
                *Array(2) { id ->
                    {
                        start.await()
                        runBlocking {
                            withTimeout(30.seconds) {
                                runIo {
                                    for (number in generateSequence(0) { it + 1 }) {
                                        connection.writer.writeRecord(id, number)
                                        connection.writer.drain()
                                    }
                                }
                            }
                        }
                    }
                },
                {
                    start.await()
                    runBlocking { withTimeout(30.seconds) { runIo { connection.reader.read() } } }
                },
                {
                    start.await()
                    repeat(round % 20) { transport.sink.open(5) }
                    transport.feed.fail(ConnectionResetException("reset"))
                },
            )
            transport.sink.isAwaited shouldBe false
            connection.writer.pending shouldBe 0
            runBlocking { runCatching { connection.awaitClosed() }.exceptionOrNull() is ConnectionResetException } shouldBe true
            connection.close()
            transport.aborts shouldBe 1
        }
    }
})

/** What one call wrote: its own kind of content for each writer and number. */
private data class Record(
    val writer: Int,
    val number: Int,
)

private fun contentLength(
    writer: Int,
    number: Int,
) = (number * 7 + writer * 3) % 40

/** Writes a record in one call, of one kind or another. */
private fun StreamWriter.writeRecord(
    writer: Int,
    number: Int,
) {
    val record = ByteBuffer.allocate(4 + contentLength(writer, number))
    record.put(writer.toByte()).putShort(number.toShort()).put(contentLength(writer, number).toByte())
    while (record.hasRemaining()) record.put((writer * 31 + number).toByte())
    val bytes = record.array()
    when (number % 3) {
        0 -> write(bytes)
        1 -> write(ByteBuffer.wrap(bytes))
        else -> writeLines(listOf(bytes.copyOfRange(0, 3), bytes.copyOfRange(3, bytes.size)))
    }
}

/** The records in [bytes]; throws if any was torn. */
private fun recordsIn(
    bytes: ByteArray,
    mayBeCut: Boolean = false,
): List<Record> {
    val left = ByteBuffer.wrap(bytes)
    val records = mutableListOf<Record>()
    while (left.hasRemaining()) {
        if (mayBeCut && left.remaining() < 4) break
        val record = Record(left.get().toInt(), left.short.toInt())
        val length = left.get().toInt()
        check(length == contentLength(record.writer, record.number)) { "$record has the length $length" }
        if (mayBeCut && left.remaining() < length) break
        repeat(length) { check(left.get() == (record.writer * 31 + record.number).toByte()) { "$record was torn" } }
        records += record
    }
    return records
}

/** Ends quietly when the stream does, or its output. */
private inline fun runIo(use: () -> Unit) {
    try {
        use()
    } catch (_: IOException) {
    } catch (e: IllegalStateException) {
        if ("ended by writeEof()" !in e.message.orEmpty()) throw e
    }
}
