package dev.sluice

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.yield
import java.io.IOException
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption.WRITE

internal class SendFileOnLoopTest : FunSpec({
    val directory = Files.createTempDirectory("sluice")
    val content = patternBytes(300_000)
    val file: Path = Files.write(directory.resolve("content"), content)

    afterSpec { directory.toFile().deleteRecursively() }

    test("the sink takes a file from itself, after what was written before and before what follows") {
        val loop = ScriptedLoop()
        val writer = StreamWriter(loop)
        writer.write("<")
        val sending = begun { writer.sendFile(file, offset = 100_000, count = 50_000) }
        sending.await().getOrThrow() shouldBe 50_000
        writer.write(">")
        writer.drain()
        loop.calls shouldBe listOf("afterTurn", "tryWrite 1", "tryTransfer 100000 50000", "tryWrite 1")
        loop.sink.bytes shouldBe "<".toByteArray() + content.copyOfRange(100_000, 150_000) + ">".toByteArray()
    }

    test("a file goes on where the sink stopped, when there is room again") {
        val loop = ScriptedLoop(ScriptedTransport(ScriptedSink(room = 1000)))
        val writer = StreamWriter(loop)
        val sending = begun { writer.sendFile(file) }
        while (!loop.sink.isAwaited) yield()
        loop.calls shouldBe listOf("tryTransfer 0 300000", "tryTransfer 1000 299000")
        sending.isCompleted shouldBe false
        loop.sink.open()
        sending.await().getOrThrow() shouldBe 300_000
        loop.sink.bytes shouldBe content
    }

    test("a large file is asked for in parts, so that others hear how far it has got") {
        val loop = ScriptedLoop()
        val large = Files.write(directory.resolve("large"), patternBytes(2_500_000))
        StreamWriter(loop).sendFile(large) shouldBe 2_500_000
        loop.calls shouldBe
            listOf("tryTransfer 0 1048576", "tryTransfer 1048576 1048576", "tryTransfer 2097152 402848")
        loop.sink.bytes shouldBe patternBytes(2_500_000)
    }

    test("a file that is cut while it is sent ends early, and what follows comes at once") {
        val cut = Files.write(directory.resolve("cut"), content)
        val loop = ScriptedLoop(ScriptedTransport(ScriptedSink(room = 1000)))
        val writer = StreamWriter(loop)
        val sending = begun { writer.sendFile(cut) }
        while (!loop.sink.isAwaited) yield()
        writer.write("after")
        FileChannel.open(cut, WRITE).use { it.truncate(2000) }
        loop.sink.open()
        sending.await().getOrThrow() shouldBe 2000
        writer.drain()
        loop.sink.bytes shouldBe content.copyOf(2000) + "after".toByteArray()
        writer.pending shouldBe 0
    }

    test("a file that the sink can't take from itself goes through a buffer, from where it is") {
        val loop = ScriptedLoop()
        val writer = StreamWriter(loop)
        loop.transferAtMost = 1000
        loop.onTransfer = { if (loop.sink.size >= 3000) throw IOException("not this file") }
        writer.sendFile(file) shouldBe 300_000
        loop.sink.bytes shouldBe content
        loop.calls.count { it.startsWith("tryTransfer") } shouldBe 4
        writer.isClosing shouldBe false
    }

    test("what the sink itself meets in a transfer ends the stream, without a look at the file") {
        for (failure in listOf(ConnectionResetException("reset"), StreamClosedException("closed"))) {
            val loop = ScriptedLoop()
            val writer = StreamWriter(loop)
            loop.onTransfer = { throw failure }
            val thrown = begun { writer.sendFile(file) }.await().exceptionOrNull().shouldBeInstanceOf<IOException>()
            thrown.javaClass shouldBe failure.javaClass
            loop.calls shouldBe listOf("tryTransfer 0 300000")
            begun { writer.drain() }.await().exceptionOrNull()!!.javaClass shouldBe failure.javaClass
        }
    }
})
