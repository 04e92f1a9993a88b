package dev.sluice

import dev.sluice.testing.memoryTransportPair
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CoroutineStart.UNDISPATCHED
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.yield
import java.io.IOException
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.nio.file.StandardOpenOption.WRITE

internal class SendFileTest : FunSpec({
    val directory = Files.createTempDirectory("sluice")
    var files = 0

    fun file(content: ByteArray): Path = Files.write(directory.resolve("${files++}"), content)

    afterSpec { directory.toFile().deleteRecursively() }

    test("W-002 a file comes after what was written before it, and before what was written after") {
        for (room in listOf(Long.MAX_VALUE, 0L)) {
            val sink = ScriptedSink(room)
            val writer = StreamWriter(sink)
            val file = file("from the file".toByteArray())
            writer.write("<")
            val sending = begun { writer.sendFile(file) }
            if (room == 0L) awaitOpen(file)
            sink.open()
            sending.await().getOrThrow() shouldBe 13
            writer.write(">")
            writer.drain()
            sink.text shouldBe "<from the file>"
        }
    }

    test("offset and count choose a part; a file that has less gives what it has") {
        val content = patternBytes(1000)
        val file = file(content)
        val cases =
            listOf(
                Triple(0L, -1L, 0 until 1000),
                Triple(0L, -7L, 0 until 1000),
                Triple(10L, -1L, 10 until 1000),
                Triple(10L, 20L, 10 until 30),
                Triple(0L, 1000L, 0 until 1000),
                Triple(0L, 1001L, 0 until 1000),
                Triple(990L, Long.MAX_VALUE, 990 until 1000),
                Triple(999L, 1L, 999 until 1000),
                Triple(1000L, 5L, 0 until 0),
                Triple(5000L, -1L, 0 until 0),
                Triple(Long.MAX_VALUE, -1L, 0 until 0),
                Triple(3L, 0L, 0 until 0),
            )
        for ((offset, count, expected) in cases) {
            val sink = ScriptedSink()
            val writer = StreamWriter(sink)
            writer.sendFile(file, offset, count) shouldBe expected.count().toLong()
            sink.bytes shouldBe content.sliceArray(expected)
            writer.pending shouldBe 0
        }
    }

    test("a negative offset is refused, before the file is looked for") {
        val writer = StreamWriter(ScriptedSink())
        shouldThrow<IllegalArgumentException> { writer.sendFile(directory.resolve("none"), offset = -1) }.message shouldBe
            "a file has no byte -1"
    }

    test("an empty file sends nothing, and waits for what was written before") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink)
        writer.write("x")
        val sending = async { writer.sendFile(emptyFile()) }
        while (!sink.isAwaited) yield()
        sink.open()
        sending.await() shouldBe 0
        sink.text shouldBe "x"
        writer.write("y")
        writer.drain()
        sink.text shouldBe "xy"
    }

    test("a missing file and a directory are errors of the call alone; the stream goes on") {
        val sink = ScriptedSink()
        val writer = StreamWriter(sink)
        writer.write("a")
        shouldThrow<NoSuchFileException> { writer.sendFile(directory.resolve("missing")) }
        writer.write("b")
        shouldThrow<IOException> { writer.sendFile(directory) }
        writer.isClosing shouldBe false
        writer.write("c")
        writer.drain()
        sink.text shouldBe "abc"
    }

    test("a file that is cut while it is sent ends early, says how much there was, and what follows comes at once") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink)
        val file = file(patternBytes(300_000))
        val sending = begun { writer.sendFile(file) }
        while (!sink.isAwaited) yield()
        // The first piece was read by now, and is waiting for room.
        FileChannel.open(file, WRITE).use { it.truncate(100_000) }
        writer.write("after")
        sink.open()
        val sent = sending.await().getOrThrow()
        sent shouldBe 100_000
        writer.drain()
        sink.bytes shouldBe patternBytes(100_000) + "after".toByteArray()
        writer.pending shouldBe 0
    }

    test("W-053 writes, and files, are accepted while a file is being sent, and follow it") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink)
        val first = begun { writer.sendFile(file(ByteArray(100_000) { 'a'.code.toByte() })) }
        while (!sink.isAwaited) yield()
        writer.write("bb")
        coroutineScope {
            val second = async { writer.sendFile(file(ByteArray(70_000) { 'c'.code.toByte() }), offset = 1) }
            while (openFiles(directory) == 1) yield()
            sink.open()
            first.await().getOrThrow() shouldBe 100_000
            second.await() shouldBe 69_999
        }
        writer.drain()
        sink.text shouldBe "a".repeat(100_000) + "bb" + "c".repeat(69_999)
        writer.pending shouldBe 0
    }

    test("W-053 what is pending is memory: a file neither counts nor meets the write limit") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink, writeLimit = 10)
        val sending = begun { writer.sendFile(file(ByteArray(100_000))) }
        while (!sink.isAwaited) yield()
        writer.pending shouldBe 0
        writer.write(ByteArray(10))
        writer.pending shouldBe 10
        shouldThrow<WriteLimitException> { writer.write(ByteArray(1)) }
        sink.open()
        sending.await().getOrThrow() shouldBe 100_000
        sink.size shouldBe 100_010
    }

    test("W-054 close() while a file is being sent lets it finish") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink)
        val content = patternBytes(200_000)
        val sending = begun { writer.sendFile(file(content)) }
        while (!sink.isAwaited) yield()
        writer.close()
        sink.open(100_000)
        sending.isCompleted shouldBe false
        sink.closes shouldBe 0
        sink.open()
        sending.await().getOrThrow() shouldBe 200_000
        writer.awaitClosed()
        sink.bytes shouldBe content
        sink.closes shouldBe 1
        openFiles(directory) shouldBeIfKnown 0
    }

    test("W-054 abort() while a file is being sent ends sendFile") {
        for (why in listOf(null, IOException("enough"))) {
            val sink = ScriptedSink(room = 1000)
            val writer = StreamWriter(sink)
            val sending = begun { writer.sendFile(file(ByteArray(200_000))) }
            while (!sink.isAwaited) yield()
            writer.abort(why)
            val thrown = sending.await().exceptionOrNull().shouldBeInstanceOf<StreamClosedException>()
            if (why != null) thrown.cause shouldBe why
            sink.size shouldBe 1000
            openFiles(directory) shouldBeIfKnown 0
        }
    }

    test("W-012, W-022 a loss while a file is being sent ends sendFile") {
        val sink = ScriptedSink(room = 1000)
        val writer = StreamWriter(sink)
        val sending = begun { writer.sendFile(file(ByteArray(200_000))) }
        while (!sink.isAwaited) yield()
        sink.fail(ConnectionResetException("reset"))
        sending
            .await()
            .exceptionOrNull()
            .shouldBeInstanceOf<ConnectionResetException>()
            .message shouldBe "reset"
        openFiles(directory) shouldBeIfKnown 0
    }

    test("W-023 a cancelled sendFile changes nothing: the file is still sent, and its descriptor closed") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink)
        val content = patternBytes(100_000)
        val file = file(content)
        coroutineScope {
            val sending = launch(Dispatchers.Unconfined, start = UNDISPATCHED) { writer.sendFile(file) }
            while (!sink.isAwaited) yield()
            sending.cancelAndJoin()
        }
        openFiles(directory) shouldBeIfKnown 1
        writer.write("after")
        val drain = begun { writer.drain() }
        drain.isCompleted shouldBe false
        sink.open()
        drain.await().getOrThrow()
        sink.bytes shouldBe content + "after".toByteArray()
        openFiles(directory) shouldBeIfKnown 0
    }

    test("a call that is cancelled before its file is in line sends nothing, and its descriptor is closed") {
        val sink = ScriptedSink()
        val writer = StreamWriter(sink)
        repeat(50) {
            coroutineScope {
                val sending = launch(Dispatchers.Unconfined, start = UNDISPATCHED) { writer.sendFile(file(ByteArray(1))) }
                sending.cancelAndJoin()
            }
        }
        // Those that came into line before they were cancelled are sent.
        writer.drain()
        openFiles(directory) shouldBeIfKnown 0
        (sink.size <= 50) shouldBe true
    }

    test("W-013, W-014 a stream that was closed meanwhile takes no file, and its descriptor is closed") {
        val sink = ScriptedSink()
        val writer = StreamWriter(sink)
        repeat(50) {
            val each = StreamWriter(sink)
            coroutineScope {
                val sending = async(Dispatchers.Default) { runCatching { each.sendFile(file(ByteArray(10))) } }
                each.close()
                val result = sending.await()
                result.exceptionOrNull()?.shouldBeInstanceOf<StreamClosedException>()
            }
        }
        writer.abort()
        shouldThrow<StreamClosedException> { writer.sendFile(emptyFile()) }
        openFiles(directory) shouldBeIfKnown 0
    }

    test("many files one after another leave no descriptor behind, whatever became of them") {
        val writer = StreamWriter(ScriptedSink())
        val file = file(patternBytes(70_000))
        repeat(200) {
            writer.sendFile(file)
            writer.sendFile(emptyFile())
            runCatching { writer.sendFile(directory) }
        }
        openFiles(directory) shouldBeIfKnown 0
    }

    test("ten megabytes go through a pipe of a thousand bytes as they are, with a write before, between and after") {
        val (left, right) = memoryTransportPair(capacity = 1000)
        val a = Connection(left)
        val b = Connection(right)
        val content = patternBytes(10_000_000)
        val file = file(content)
        coroutineScope {
            launch(Dispatchers.Default) {
                a.writer.write("before")
                a.writer.sendFile(file) shouldBe 10_000_000
                a.writer.write("between")
                a.writer.sendFile(file, offset = 9_999_990) shouldBe 10
                a.writer.write("after")
                a.close()
                a.awaitClosed()
            }
            b.reader.readExactly(6).decodeToString() shouldBe "before"
            b.reader.readExactly(10_000_000) shouldBe content
            b.reader.read().decodeToString(0, 7) shouldBe "between"
        }
        b.close()
        openFiles(directory) shouldBeIfKnown 0
    }

    test("the text of an error in reading names the reason") {
        shouldThrow<IOException> { StreamWriter(ScriptedSink()).sendFile(directory) }.message!! shouldContain "directory"
    }
})

private val empty: Path by lazy { Files.createTempFile("sluice", "empty").also { it.toFile().deleteOnExit() } }

internal fun emptyFile(): Path = empty

/** How many descriptors of this process lead into [directory]; -1 where that can't be known. */
private fun openFiles(directory: Path): Int {
    val descriptors = Path.of("/proc/self/fd").toFile().listFiles() ?: return -1
    return descriptors.count { runCatching { Files.readSymbolicLink(it.toPath()).startsWith(directory) }.getOrDefault(false) }
}

private infix fun Int.shouldBeIfKnown(expected: Int) {
    if (this >= 0) this shouldBe expected
}

/** The file is in line, or sent, once its descriptor was seen; where that can't be seen, in either case soon. */
private suspend fun awaitOpen(file: Path) {
    while (openFiles(file.parent) == 0) yield()
}
