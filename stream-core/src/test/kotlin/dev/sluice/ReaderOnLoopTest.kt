package dev.sluice

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineStart.UNDISPATCHED
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import java.io.IOException
import java.nio.ByteBuffer

internal class ReaderOnLoopTest : FunSpec({
    val operations =
        mapOf<String, suspend (StreamReader) -> Any?>(
            "read(n)" to { it.read(100).latin1 },
            "read(into)" to {
                val into = ByteBuffer.allocate(100)
                String(into.array(), 0, it.read(into), Charsets.ISO_8859_1)
            },
            "readExactly" to { it.readExactly(5).latin1 },
            "readUntil" to { it.readUntil("\n").latin1 },
            "readLineBytes" to { it.readLineBytes().latin1 },
            "readLine" to { it.readLine() + "\n" },
            "iteration" to {
                val lines = it.iterator()
                lines.hasNext()
                lines.next().latin1
            },
        )

    test("every operation waits on the loop for what it needs, and returns it") {
        for ((name, operation) in operations) {
            val loop = ScriptedLoop()
            val reading = begun { operation(StreamReader(loop)) }
            reading.isCompleted shouldBe false
            loop.receive("line\n")
            (name to reading.await().getOrThrow()) shouldBe (name to "line\n")
        }
    }

    test("close() of a connection wakes whatever is waiting, and that throws") {
        for (operation in operations.values) {
            val loop = ScriptedLoop()
            val connection = Connection(loop)
            val reading = begun { operation(connection.reader) }
            reading.isCompleted shouldBe false
            connection.close()
            loop.wakes shouldBe 1
            reading.shouldHaveBeenClosed()
            loop.released.complete(Unit)
        }
    }

    test("a close between a reader's last look and its wait is not missed") {
        val loop = ScriptedLoop()
        val connection = Connection(loop)
        loop.onAwaitReadable = { connection.close() }
        begun { connection.reader.readLine() }.shouldHaveBeenClosed()
        loop.released.complete(Unit)
    }

    test("a wait that returns early for no reason is waited again") {
        val loop = ScriptedLoop()
        val reading = begun { StreamReader(loop).readLine() }
        loop.wakeReader()
        reading.isCompleted shouldBe false
        loop.receive("a\n")
        reading.await().getOrThrow() shouldBe "a"
    }

    test("a cancelled wait takes nothing, and the next operation goes on with the same byte") {
        for (operation in operations.values) {
            val loop = ScriptedLoop()
            val reader = StreamReader(loop)
            coroutineScope {
                val reading = launch(Dispatchers.Unconfined, start = UNDISPATCHED) { operation(reader) }
                reading.cancelAndJoin()
            }
            loop.receive("line\n")
            operation(reader) shouldBe "line\n"
        }
    }

    test("what the wait throws is the failure of the source, from then on") {
        val loop = ScriptedLoop()
        val reader = StreamReader(loop)
        loop.waitFailure = IOException("no cable")
        repeat(2) { begun { reader.readLine() }.await().exceptionOrNull()!!.message shouldBe "no cable" }
    }

    test("a cancellation of what lies below is a failure of the source, and none of the caller's") {
        val loop = ScriptedLoop()
        val reader = StreamReader(loop)
        loop.waitFailure = CancellationException("the loop has ended")
        val thrown = begun { reader.readLine() }.await().exceptionOrNull().shouldBeInstanceOf<StreamClosedException>()
        thrown.cause.shouldBeInstanceOf<CancellationException>()
    }

    test("a cancellation of the caller that the wait throws is the caller's") {
        coroutineScope {
            val loop = ScriptedLoop()
            val reader = StreamReader(loop)
            val caller = Job()
            loop.onAwaitReadable = {
                caller.cancel()
                throw CancellationException("gone")
            }
            val reading = async(caller + Dispatchers.Unconfined, start = UNDISPATCHED) { reader.readLine() }
            reading.join()
            reading.isCancelled shouldBe true
            loop.onAwaitReadable = {}
            loop.receive("a\n")
            reader.readLine() shouldBe "a"
        }
    }

    test("closing the reader ends a copy that waits for its writer, on a loop too") {
        val loop = ScriptedLoop()
        val reader = StreamReader(loop)
        val full = StreamWriter(ScriptedSink(room = 0))
        loop.receive("abc")
        val copying = begun { reader.copyTo(full) }
        full.pending shouldBe 3
        reader.close()
        copying.shouldHaveBeenClosed()
    }
})

private suspend fun Deferred<Result<*>>.shouldHaveBeenClosed() {
    isCompleted shouldBe true
    await().exceptionOrNull().shouldBeInstanceOf<StreamClosedException>().message shouldBe "the stream was closed by this side"
}
