package dev.sluice.net

import dev.sluice.StreamClosedException
import dev.sluice.StreamReader
import dev.sluice.StreamWriter
import dev.sluice.WriteLimitException
import dev.sluice.testing.memoryStreamPair
import dev.sluice.transport.ByteSink
import dev.sluice.transport.ByteSource
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.io.Buffer
import kotlinx.io.UnsafeIoApi
import kotlinx.io.readByteArray
import kotlinx.io.readString
import kotlinx.io.unsafe.UnsafeBufferOperations
import kotlinx.io.writeString
import java.nio.ByteBuffer
import kotlin.random.Random

internal class KotlinxBuffersTest :
    FunSpec({
        test("readAtMostTo moves what is there to the end of the buffer, and is -1 at the end") {
            val (left, right) = memoryStreamPair()
            val buffer = Buffer().apply { writeString("before ") }
            left.writer.write("some bytes")
            right.reader.readAtMostTo(buffer, 4) shouldBe 4
            right.reader.readAtMostTo(buffer, 1000) shouldBe 6
            left.writer.writeEof()
            right.reader.readAtMostTo(buffer, 0) shouldBe 0
            repeat(2) { right.reader.readAtMostTo(buffer, 1000) shouldBe -1 }
            buffer.readString() shouldBe "before some bytes"
        }

        test("readAtMostTo refuses a negative count, and takes nothing") {
            val (left, right) = memoryStreamPair()
            left.writer.write("x")
            shouldThrow<IllegalArgumentException> { right.reader.readAtMostTo(Buffer(), -1) }.message shouldBe
                "can't read -1 bytes"
            right.reader.read(10).decodeToString() shouldBe "x"
        }

        test("a cancelled readAtMostTo loses no byte, and leaves the buffer to its owner meanwhile") {
            val (left, right) = memoryStreamPair()
            val buffer = Buffer().apply { writeString("ab") }
            repeat(100) {
                val reading = launch(start = CoroutineStart.UNDISPATCHED) { right.reader.readAtMostTo(buffer, 10) }
                if (it == 0) buffer.readString() shouldBe "ab"
                left.writer.write("$it\n")
                reading.cancelAndJoin()
            }
            left.writer.writeEof()
            while (right.reader.readAtMostTo(buffer, 100) > 0) continue
            buffer.readString() shouldBe (0 until 100).joinToString("") { "$it\n" }
        }

        test("readAtMostTo throws what the reader does, and leaves the buffer as it was") {
            val (_, right) = memoryStreamPair()
            val buffer = Buffer().apply { writeString("kept") }
            val reading = async(start = CoroutineStart.UNDISPATCHED) { runCatching { right.reader.readAtMostTo(buffer, 10) } }
            right.reader.close()
            (reading.await().exceptionOrNull() is StreamClosedException) shouldBe true
            buffer.readString() shouldBe "kept"
        }

        test("readAtMostTo has the source write into the array that becomes the buffer's") {
            val source = RecordingSource(4096)
            val buffer = Buffer()
            StreamReader(source).readAtMostTo(buffer, Long.MAX_VALUE) shouldBe 4096
            headOf(buffer) shouldBeSameInstanceAs source.array
        }

        test("write(Buffer) hands a buffer of one segment to the sink without a copy") {
            val sink = RecordingSink()
            val buffer = Buffer().apply { writeString("in one segment") }
            val array = headOf(buffer)
            StreamWriter(sink).write(buffer)
            sink.arrays.single() shouldBeSameInstanceAs array
            buffer.size shouldBe 0
        }

        test("write(Buffer) takes all of a large buffer in one piece, byte for byte") {
            val bytes = Random(1).nextBytes(1 shl 20)
            val sink = RecordingSink()
            val buffer = Buffer().apply { write(bytes) }
            StreamWriter(sink).write(buffer)
            buffer.size shouldBe 0
            sink.arrays.distinct().size shouldBe 1
            sink.taken.readByteArray() shouldBe bytes
        }

        test("write(Buffer) of nothing writes nothing, and throws what a write would") {
            val sink = RecordingSink()
            val writer = StreamWriter(sink)
            writer.write(Buffer())
            sink.taken.size shouldBe 0
            writer.close()
            shouldThrow<StreamClosedException> { writer.write(Buffer()) }
        }

        for (size in listOf(100, 100_000)) {
            test("a write(Buffer) of $size bytes that is refused leaves the buffer as it was, and writes none of it") {
                val sink = RecordingSink()
                val writer = StreamWriter(sink, writeLimit = 50)
                val bytes = Random(2).nextBytes(size)
                val buffer = Buffer().apply { write(bytes) }
                shouldThrow<WriteLimitException> { writer.write(buffer) }
                sink.taken.size shouldBe 0
                buffer.readByteArray() shouldBe bytes
            }
        }

        test("bytes cross two buffers whole, whatever their pieces") {
            val bytes = Random(3).nextBytes(300_000)
            val (left, right) = memoryStreamPair()
            val sending =
                launch {
                    val random = Random(4)
                    val rest = Buffer().apply { write(bytes) }
                    while (!rest.exhausted()) {
                        val piece = Buffer()
                        piece.write(rest, minOf(rest.size, 1L + random.nextInt(30_000)))
                        left.writer.write(piece)
                        left.writer.drain()
                    }
                    left.writer.writeEof()
                }
            val received = Buffer()
            val random = Random(5)
            while (right.reader.readAtMostTo(received, 1L + random.nextInt(20_000)) > 0) continue
            received.readByteArray() shouldBe bytes
            sending.join()
        }
    })

/** Has [count] bytes, and keeps the array into which they went. */
private class RecordingSource(
    private val count: Int,
) : ByteSource {
    var array: ByteArray? = null

    override fun tryRead(into: ByteBuffer): Int {
        array = into.array()
        into.put(ByteArray(count))
        return count
    }

    override suspend fun awaitReadable() = Unit

    override fun close() = Unit
}

/** Takes all, and keeps the arrays out of which it came. */
private class RecordingSink : ByteSink {
    val arrays = ArrayList<ByteArray>()
    val taken = Buffer()

    override fun tryWrite(from: ByteBuffer): Int {
        val count = from.remaining()
        if (count > 0) arrays += from.array()
        val bytes = ByteArray(count)
        from.get(bytes)
        taken.write(bytes)
        return count
    }

    override suspend fun awaitWritable() = Unit

    override val canWriteEof: Boolean get() = false

    override fun writeEof() = throw UnsupportedOperationException()

    override fun close() = Unit
}

@OptIn(UnsafeIoApi::class)
private fun headOf(buffer: Buffer): ByteArray? {
    var head: ByteArray? = null
    UnsafeBufferOperations.readFromHead(buffer) { bytes, _, _ ->
        head = bytes
        0
    }
    return head
}
