package dev.sluice

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext

internal class DrainTest : FunSpec({
    test("W-018 drain() returns when all that was written before it is with the OS, and not earlier") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink)
        writer.write("x")
        val small = begun { writer.drain() }
        writer.write(ByteArray(59_999))
        val all = begun { writer.drain() }
        small.isCompleted shouldBe false
        sink.open(1)
        small.await().getOrThrow()
        all.isCompleted shouldBe false
        sink.open(59_998)
        writer.pending shouldBe 1
        all.isCompleted shouldBe false
        sink.open(1)
        all.await().getOrThrow()
        writer.pending shouldBe 0
    }

    test("W-018 with nothing pending drain() returns at once, before the first write too") {
        val writer = StreamWriter(ScriptedSink())
        begun { writer.drain() }.isCompleted shouldBe true
        writer.write("x")
        begun { writer.drain() }.isCompleted shouldBe true
    }

    test("W-021 a hundred coroutines drain one writer at once, and all return") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink)
        writer.write(ByteArray(1000))
        val drains = List(100) { begun { writer.drain() } }
        drains.none { it.isCompleted } shouldBe true
        sink.open(999)
        drains.none { it.isCompleted } shouldBe true
        sink.open(1)
        drains.forEach { it.await().getOrThrow() }
    }

    test("W-021 a hundred coroutines write and drain on many threads, and all return") {
        val sink = ScriptedSink(atMost = 100)
        val writer = StreamWriter(sink)
        withContext(Dispatchers.Default) {
            repeat(100) {
                launch {
                    repeat(20) {
                        writer.write(ByteArray(37))
                        writer.drain()
                    }
                }
            }
        }
        writer.pending shouldBe 0
        sink.size shouldBe 100 * 20 * 37
    }

    test("W-021 a drain waits only for what was written before it, however busy others are") {
        val sink = ScriptedSink(room = 0, atMost = 10)
        val writer = StreamWriter(sink)
        writer.write(ByteArray(100))
        val first = begun { writer.drain() }
        var added = 0
        var takenAtReturn = -1
        first.invokeOnCompletion { takenAtReturn = sink.size }
        // Whenever the sink takes something somebody adds more than that.
        sink.onWrite = {
            if (added < 100_000) {
                added += 20
                writer.write(ByteArray(20))
            }
        }
        sink.open()
        first.await().getOrThrow()
        takenAtReturn shouldBe 100
        writer.pending shouldBe 0
        sink.size shouldBe 100 + added
    }

    test("W-021 drains return in the order in which their bytes leave") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink)
        val returned = mutableListOf<Int>()
        val drains =
            List(10) { number ->
                writer.write("x")
                begun {
                    writer.drain()
                    returned += number
                }
            }
        repeat(10) {
            sink.open(1)
            returned.size shouldBe it + 1
        }
        drains.forEach { it.await().getOrThrow() }
        returned shouldBe (0 until 10).toList()
    }

    test("W-023 a cancelled drain loses nothing and disturbs no other drain") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink)
        writer.write("hello")
        val other = begun { writer.drain() }
        coroutineScope {
            val cancelled = launch(Dispatchers.Unconfined) { writer.drain() }
            cancelled.cancelAndJoin()
            cancelled.isCancelled shouldBe true
        }
        writer.pending shouldBe 5
        other.isCompleted shouldBe false
        val again = begun { writer.drain() }
        again.isCompleted shouldBe false
        sink.open()
        other.await().getOrThrow()
        again.await().getOrThrow()
        sink.text shouldBe "hello"
    }

    test("W-023 a drain that never had to wait hears of its cancellation too") {
        val writer = StreamWriter(ScriptedSink())
        coroutineScope {
            var steps = 0
            launch(Dispatchers.Unconfined) {
                kotlin.coroutines.coroutineContext[kotlinx.coroutines.Job]!!.cancel()
                shouldThrow<CancellationException> { writer.drain() }
                steps++
            }.join()
            steps shouldBe 1
        }
    }

    test("W-026 a peer that ended its own side is no error: writing goes on") {
        val transport = ScriptedTransport()
        val (reader, writer) = Connection(transport)
        transport.feed.feedEof()
        reader.read() shouldBe ByteArray(0)
        writer.isClosing shouldBe false
        writer.write("still here")
        writer.drain()
        transport.sink.text shouldBe "still here"
        writer.close()
    }

    test("W-027 an abort ends waiting drains with its cause, and drops the bytes") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink)
        writer.write("x")
        val drains = List(3) { begun { writer.drain() } }
        val why = IllegalStateException("enough")
        writer.abort(why)
        val thrown = drains.map { it.await().exceptionOrNull().shouldBeInstanceOf<StreamClosedException>() }
        thrown.distinctBy { System.identityHashCode(it) }.size shouldBe 3
        for (e in thrown) {
            e.message shouldBe "the stream was aborted by this side"
            e.cause shouldBe why
        }
        writer.pending shouldBe 0
        sink.open()
        sink.size shouldBe 0
    }

    test("W-027 a plain abort ends waiting drains, too") {
        val writer = StreamWriter(ScriptedSink(room = 0))
        writer.write("x")
        val drain = begun { writer.drain() }
        writer.abort()
        val thrown = drain.await().exceptionOrNull().shouldBeInstanceOf<StreamClosedException>()
        thrown.message shouldBe "the stream was aborted by this side"
        shouldThrow<StreamClosedException> { writer.drain() }
    }

    test("W-028 a drain begun after close() throws at once, with bytes pending or without") {
        val idle = StreamWriter(ScriptedSink())
        idle.close()
        val flushing = StreamWriter(ScriptedSink(room = 0))
        flushing.write("x")
        flushing.close()
        for (writer in listOf(idle, flushing)) {
            repeat(2) {
                val drain = begun { writer.drain() }
                drain.isCompleted shouldBe true
                drain
                    .await()
                    .exceptionOrNull()
                    .shouldBeInstanceOf<StreamClosedException>()
                    .message shouldBe
                    "the stream was closed by this side"
            }
        }
        flushing.abort()
    }

    test("W-029 a drain that waits when close() is called returns when the flush is done") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink)
        writer.write("abc")
        val drain = begun { writer.drain() }
        writer.close()
        sink.open(2)
        drain.isCompleted shouldBe false
        sink.open(1)
        drain.await().getOrThrow()
        writer.awaitClosed()
        sink.text shouldBe "abc"
    }

    test("W-029 a drain that was resumed may write and drain again in place") {
        val sink = ScriptedSink(room = 0)
        val writer = StreamWriter(sink)
        writer.write("0")
        val chain =
            begun {
                repeat(1000) {
                    writer.drain()
                    writer.write(".")
                }
            }
        sink.open()
        chain.await().getOrThrow()
        sink.text shouldBe "0" + ".".repeat(1000)
    }
})
