package dev.sluice

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

internal class BlockingOnLoopTest : FunSpec({
    test("asInputStream() on the loop's own thread gives what is there, and refuses to wait") {
        val loop = ScriptedLoop()
        val input = StreamReader(loop).asInputStream()
        shouldRefuseToBlock { input.read() }
        shouldRefuseToBlock { input.read(ByteArray(10_000)) }
        shouldRefuseToBlock { input.skip(1) }
        loop.receive("abcdef")
        input.read() shouldBe 'a'.code
        input.skip(2) shouldBe 2
        input.read(ByteArray(2)) shouldBe 2
        input.skip(100) shouldBe 1
        shouldRefuseToBlock { input.read() }
        loop.receive("g")
        input.skip(1) shouldBe 1
        loop.feed.feedEof()
        input.skip(1) shouldBe 0
        input.read() shouldBe -1
        input.read(ByteArray(10)) shouldBe -1
        input.close()
        shouldThrow<StreamClosedException> { input.read() }
    }

    test("so does that of a stream on top of others") {
        val loop = ScriptedLoop()
        val reader = StreamReader(loop)
        val input =
            reader
                .throttled(Throttle(1L shl 30))
                .tee(StreamWriter(ScriptedSink(room = 1_000)))
                .limited(3)
                .asInputStream()
        shouldRefuseToBlock { input.read() }
        for (byte in "abc") {
            loop.receive("$byte")
            input.read() shouldBe byte.code
            if (byte < 'c') shouldRefuseToBlock { input.read() }
        }
        input.read() shouldBe -1
    }

    test("a read that was refused leaves the reader free") {
        val loop = ScriptedLoop()
        val reader = StreamReader(loop)
        shouldRefuseToBlock { reader.asInputStream().read() }
        loop.receive("a\n")
        reader.readLine() shouldBe "a"
    }

    test("asOutputStream() on the loop's own thread writes and flushes what the sink takes, and refuses to wait for more") {
        val loop = ScriptedLoop(ScriptedTransport(ScriptedSink(room = 5)))
        val writer = StreamWriter(loop)
        val out = writer.asOutputStream()
        out.write('a'.code)
        loop.sink.text shouldBe "a"
        writer.write("b")
        out.flush()
        loop.sink.text shouldBe "ab"
        shouldRefuseToBlock { out.write("cdefg".toByteArray()) }
        shouldRefuseToBlock { out.flush() }
        loop.sink.open()
        loop.sink.text shouldBe "abcdefg"
        out.flush()
    }

    test("a write that is refused for ever grows no further than the limit") {
        val loop = ScriptedLoop(ScriptedTransport(ScriptedSink(room = 0)))
        val writer = StreamWriter(loop, writeLimit = 10)
        repeat(5) { shouldRefuseToBlock { writer.asOutputStream().write(ByteArray(4)) } }
        writer.pending shouldBe 10
    }

    test("close() of an output stream on the loop's own thread closes, and refuses to wait for the end of that") {
        val loop = ScriptedLoop()
        val connection = Connection(loop)
        val out = connection.writer.asOutputStream()
        connection.writer.write("bye")
        shouldRefuseToBlock { out.close() }
        loop.sink.text shouldBe "bye"
        loop.released.complete(Unit)
        connection.awaitClosed()
        loop.sink.closes shouldBe 1
        out.close()
        StreamWriter(ScriptedLoop().apply { released.complete(Unit) }).asOutputStream().close()
    }

    test("off the loop's thread both wait as ever") {
        val loop = ScriptedLoop(ScriptedTransport(ScriptedSink(room = 0)))
        loop.thread = Thread()
        val (reader, writer) = Connection(loop)
        inThreads(
            { reader.asInputStream().read() shouldBe 'a'.code },
            { writer.asOutputStream().write('b'.code) },
            {
                loop.receive("a")
                loop.sink.open()
            },
        )
        loop.sink.text shouldBe "b"
        writer.close()
    }
})

internal fun shouldRefuseToBlock(use: () -> Unit) {
    shouldThrow<IllegalStateException>(use).message!! shouldContain
        "this is the event loop's own thread, which must not block: use withContext(Dispatchers.IO)"
}
