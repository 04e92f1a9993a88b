package dev.sluice

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.runBlocking
import java.io.IOException
import java.nio.ByteBuffer

internal class WriterOnLoopTest : FunSpec({
    beforeSpec { collectForsaken() }

    afterTest {
        withClue("every chunk is back in the pool") { ChunkPool.available shouldBe ChunkPool.CHUNKS }
    }

    test("small writes in a turn of the loop and a drain are one call of the sink, and the drain does not suspend") {
        val loop = ScriptedLoop()
        val writer = StreamWriter(loop)
        writer.write("hel".toByteArray())
        writer.write("xlo x".toByteArray(), 1, 3)
        writer.write(ByteBuffer.wrap("wor".toByteArray()))
        writer.write("ld")
        loop.calls shouldBe listOf("afterTurn")
        writer.pending shouldBe 11
        begun { writer.drain() }.isCompleted shouldBe true
        loop.calls shouldBe listOf("afterTurn", "tryWrite 11")
        loop.sink.text shouldBe "hello world"
        writer.pending shouldBe 0
        loop.endTurn()
        loop.calls.size shouldBe 2
    }

    test("what nobody drains leaves at the end of the turn, and the next turn is another") {
        val loop = ScriptedLoop()
        val writer = StreamWriter(loop)
        for (turn in 1..3) {
            writer.write("a")
            writer.write("b")
            loop.endTurn()
            loop.sink.text shouldBe "ab".repeat(turn)
        }
        loop.calls shouldBe List(3) { listOf("afterTurn", "tryWrite 2") }.flatten()
    }

    test("what is written in a turn after a drain leaves at the end of the same turn, which is asked for once") {
        val loop = ScriptedLoop()
        val writer = StreamWriter(loop)
        writer.write("a")
        writer.drain()
        writer.write("b")
        loop.endTurn()
        loop.calls shouldBe listOf("afterTurn", "tryWrite 1", "tryWrite 1")
        loop.sink.text shouldBe "ab"
    }

    test("the caller's array may be reused when a deferred write returns") {
        val loop = ScriptedLoop()
        val writer = StreamWriter(loop)
        val data = "one".toByteArray()
        writer.write(data)
        "two".toByteArray().copyInto(data)
        writer.write(data)
        loop.endTurn()
        loop.sink.text shouldBe "onetwo"
    }

    test("a deferred buffer is used up, and keeps its limit") {
        val loop = ScriptedLoop()
        val data = ByteBuffer.wrap("xabcx".toByteArray(), 1, 3)
        StreamWriter(loop).write(data)
        loop.endTurn()
        loop.sink.text shouldBe "abc"
        data.position() shouldBe 4
        data.limit() shouldBe 4
    }

    test("off the loop's thread a write goes through at once") {
        val loop = ScriptedLoop()
        val writer = StreamWriter(loop)
        loop.outside {
            writer.write("a")
            writer.write("b")
        }
        loop.calls shouldBe listOf("tryWrite 1", "tryWrite 1")
        loop.sink.text shouldBe "ab"
    }

    test("off the loop's thread a write takes along what the loop has deferred, before it and in one call") {
        val loop = ScriptedLoop()
        val writer = StreamWriter(loop)
        writer.write("a")
        loop.outside { writer.write("bc") }
        loop.calls shouldBe listOf("afterTurn", "tryWrite 1+2")
        loop.sink.text shouldBe "abc"
        loop.endTurn()
        loop.calls.size shouldBe 2
    }

    test("a large write goes through at once, alone or with what was deferred before it in one call") {
        val loop = ScriptedLoop()
        val writer = StreamWriter(loop)
        val body = patternBytes(70_000)
        writer.write(body)
        loop.calls shouldBe listOf("tryWrite 70000")
        writer.write("head")
        writer.write(body)
        loop.calls shouldBe listOf("tryWrite 70000", "afterTurn", "tryWrite 4+70000")
        writer.pending shouldBe 0
        loop.sink.bytes shouldBe body + "head".toByteArray() + body
    }

    test("what the sink does not take of a large write is kept, and the caller's array is free") {
        for (room in listOf(0L, 2L, 4L, 5L, 1000L)) {
            val loop = ScriptedLoop(ScriptedTransport(ScriptedSink(room)))
            val writer = StreamWriter(loop)
            val body = patternBytes(70_000)
            val data = body.copyOf()
            writer.write("head")
            writer.write(data)
            data.fill(0)
            writer.pending shouldBe 70_004 - room
            loop.sink.bytes.size shouldBe room
            writer.write("tail")
            loop.sink.open()
            loop.sink.bytes shouldBe "head".toByteArray() + body + "tail".toByteArray()
            writer.pending shouldBe 0
        }
    }

    test("more small writes than a chunk holds leave when it is full") {
        val loop = ScriptedLoop()
        val writer = StreamWriter(loop)
        val all = patternBytes(40 * 1000)
        repeat(40) { writer.write(all, it * 1000, 1000) }
        loop.calls shouldBe
            listOf("afterTurn", "tryWrite 16000+1000", "tryWrite 16000+1000")
        writer.pending shouldBe 6000
        loop.endTurn()
        loop.calls.last() shouldBe "tryWrite 6000"
        loop.sink.bytes shouldBe all
    }

    test("close(), writeEof(), sendFile() and a blocking write flush what was deferred, in order") {
        val ends =
            listOf<Pair<String, suspend (StreamWriter) -> Unit>>(
                "ab" to { it.close() },
                "ab" to { it.writeEof() },
                "ab" to { it.sendFile(emptyFile()) },
                "abc" to { it.asOutputStream().write("c".toByteArray()) },
            )
        for ((sent, end) in ends) {
            val loop = ScriptedLoop()
            val writer = StreamWriter(loop)
            writer.write("ab")
            end(writer)
            loop.sink.text shouldBe sent
            writer.pending shouldBe 0
        }
    }

    test("bytes that wait for the end of the turn only don't meet the write limit") {
        val loop = ScriptedLoop()
        val writer = StreamWriter(loop, writeLimit = 10)
        writer.write(ByteArray(6))
        writer.write(ByteArray(6))
        writer.write(ByteArray(10))
        writer.writeLines(listOf(ByteArray(9)))
        writer.asOutputStream().write(ByteArray(25))
        writer.drain()
        loop.sink.size shouldBe 6 + 6 + 10 + 9 + 25
        shouldThrow<WriteLimitException> { writer.write(ByteArray(11)) }
        writer.pending shouldBe 0
    }

    test("a deferred write is refused as any other: over the limit, after writeEof(), close(), abort() and a loss") {
        val full = StreamWriter(ScriptedLoop(ScriptedTransport(ScriptedSink(room = 0))), writeLimit = 5)
        full.write("abc")
        shouldThrow<WriteLimitException> { full.write("def") }
        full.pending shouldBe 3
        full.abort()
        shouldThrow<IllegalStateException> { StreamWriter(ScriptedLoop()).apply { writeEof() }.write("x") }
        shouldThrow<StreamClosedException> { StreamWriter(ScriptedLoop()).apply { close() }.write("x") }
        shouldThrow<StreamClosedException> { StreamWriter(ScriptedLoop()).apply { abort() }.write("x") }
        val lost = ScriptedLoop()
        val writer = StreamWriter(lost)
        writer.write("a")
        lost.sink.fail(ConnectionResetException("reset"))
        lost.endTurn()
        shouldThrow<ConnectionResetException> { writer.write("x") }
        shouldThrow<ConnectionResetException> { writer.drain() }
    }

    test("a drain throws what its own flush meets") {
        val loop = ScriptedLoop()
        val writer = StreamWriter(loop)
        writer.write("a")
        loop.sink.fail(IOException("no cable"))
        shouldThrow<IOException> { writer.drain() }.message shouldBe "no cable"
    }

    test("a full sink: the drain waits, what comes meanwhile follows, and nothing is deferred") {
        val loop = ScriptedLoop(ScriptedTransport(ScriptedSink(room = 3)))
        val writer = StreamWriter(loop)
        writer.write("hello")
        val drain = begun { writer.drain() }
        drain.isCompleted shouldBe false
        loop.endTurn()
        writer.write(" world")
        loop.calls.count { it == "afterTurn" } shouldBe 1
        writer.pending shouldBe 8
        loop.sink.open()
        drain.await().getOrThrow()
        loop.sink.text shouldBe "hello world"
    }

    test("abort() drops what was deferred, and the end of the turn finds nothing") {
        val loop = ScriptedLoop()
        val writer = StreamWriter(loop)
        writer.write("secret")
        writer.abort()
        loop.endTurn()
        loop.calls shouldBe listOf("afterTurn", "awaitReleased")
        loop.sink.text shouldBe ""
        writer.pending shouldBe 0
    }

    test("a loop that is broken ends the stream, and whoever wrote hears of it") {
        val loop = ScriptedLoop()
        loop.onAfterTurn = { error("broken") }
        val writer = StreamWriter(loop)
        shouldThrow<IllegalStateException> { writer.write("a") }.message shouldBe "broken"
        shouldThrow<IOException> { writer.drain() }.causes.last().message shouldBe "broken"
    }

    test("a writer has a chunk of the pool only while something is deferred") {
        val loop = ScriptedLoop(ScriptedTransport(ScriptedSink(room = 3)))
        val writer = StreamWriter(loop)
        ChunkPool.available shouldBe ChunkPool.CHUNKS
        writer.write("abc")
        ChunkPool.available shouldBe ChunkPool.CHUNKS - 1
        writer.drain()
        ChunkPool.available shouldBe ChunkPool.CHUNKS
        writer.write("def")
        ChunkPool.available shouldBe ChunkPool.CHUNKS - 1
        loop.endTurn()
        writer.pending shouldBe 3
        ChunkPool.available shouldBe ChunkPool.CHUNKS
        loop.sink.open()
        loop.sink.text shouldBe "abcdef"
        writer.write("g")
        writer.abort()
        ChunkPool.available shouldBe ChunkPool.CHUNKS
    }

    test("when all chunks are lent a write goes through at once") {
        val loops = List(ChunkPool.CHUNKS + 1) { ScriptedLoop() }
        val writers = loops.map { StreamWriter(it) }
        writers.forEach { it.write("hello") }
        loops.count { it.sink.text == "hello" } shouldBe 1
        loops.forEach { it.endTurn() }
        loops.count { it.sink.text == "hello" } shouldBe loops.size
        ChunkPool.available shouldBe ChunkPool.CHUNKS
    }

    test("the chunks of writers that nobody has any more make room for others") {
        forsakeWriters()
        ChunkPool.available shouldBe 0
        collectForsaken()
        ChunkPool.available shouldBe ChunkPool.CHUNKS
    }

    test("an abort while the flusher is writing from a chunk leaves that to it: no other writer gets it") {
        val loop = ScriptedLoop()
        val writer = StreamWriter(loop)
        var sent = ""
        loop.sink.onWrite = {
            loop.sink.onWrite = {}
            writer.abort()
            // As many as there can be, so that it would be one of them who gets the chunk.
            val others = List(ChunkPool.CHUNKS) { StreamWriter(ScriptedLoop()) }
            others.forEach { it.write("theirs") }
            sent = Charsets.UTF_8.decode(loop.writing!!.duplicate()).toString()
            others.forEach { it.abort() }
        }
        writer.write("ours!!")
        loop.endTurn()
        sent shouldBe "ours!!"
        ChunkPool.available shouldBe ChunkPool.CHUNKS
    }

    test("what was queued for a full sink leaves in calls of at most 64 pieces") {
        val loop = ScriptedLoop(ScriptedTransport(ScriptedSink(room = 0)))
        val writer = StreamWriter(loop)
        val all = patternBytes(100 * 9000)
        repeat(100) { writer.write(all, it * 9000, 9000) }
        loop.calls.clear()
        loop.sink.open()
        loop.calls.map { call -> call.count { it == '+' } + 1 } shouldBe listOf(64, 36)
        loop.sink.bytes shouldBe all
        writer.pending shouldBe 0
    }

    test("a call that takes a part of several pieces is continued where it stopped") {
        for (room in 0L..24L) {
            val loop = ScriptedLoop(ScriptedTransport(ScriptedSink(room = 0)))
            val writer = StreamWriter(loop)
            val all = patternBytes(3 * 9000)
            repeat(3) { writer.write(all, it * 9000, 9000) }
            loop.sink.open(room * 1125)
            writer.pending shouldBe 27_000 - room * 1125
            loop.sink.open()
            loop.sink.bytes shouldBe all
        }
    }

    test("awaitClosed() of a connection returns after the release") {
        val loop = ScriptedLoop()
        val connection = Connection(loop)
        connection.writer.write("bye")
        connection.close()
        loop.calls shouldBe listOf("afterTurn", "tryWrite 3", "awaitReleased")
        val closing = begun { connection.awaitClosed() }
        closing.isCompleted shouldBe false
        loop.released.complete(Unit)
        closing.await().getOrThrow()
        loop.sink.text shouldBe "bye"
    }

    test("many threads write, drain and end turns: each one's bytes arrive whole and in order, and no chunk is lost") {
        repeat(20) { round ->
            val loop = ScriptedLoop(ScriptedTransport(ScriptedSink(atMost = 1 + round * 37)))
            loop.thread = Thread()
            val writer = StreamWriter(loop)
            inThreads(
                {
                    loop.thread = Thread.currentThread()
                    repeat(500) {
                        writer.write("<a$it>")
                        if (it % 3 == 0) loop.endTurn()
                        if (it % 5 == 0) writer.write("-".repeat(9000))
                    }
                    loop.endTurn()
                },
                { repeat(500) { writer.write("<b$it>") } },
                {
                    repeat(500) {
                        writer.write("<c$it>")
                        if (it % 7 == 0) runBlocking { writer.drain() }
                    }
                },
            )
            writer.drain()
            val records =
                Regex(
                    "<([abc])(\\d+)>",
                ).findAll(loop.sink.text).groupBy({ it.groupValues[1] }, { it.groupValues[2].toInt() })
            records shouldBe listOf("a", "b", "c").associateWith { (0 until 500).toList() }
            writer.pending shouldBe 0
        }
        ChunkPool.available shouldBe ChunkPool.CHUNKS
    }
})

private fun forsakeWriters() {
    repeat(ChunkPool.CHUNKS) { StreamWriter(ScriptedLoop()).write("never sent") }
}

/** Until the pool has all its chunks again. */
private fun collectForsaken() {
    repeat(100) { if (ChunkPool.available < ChunkPool.CHUNKS) System.gc() }
}
