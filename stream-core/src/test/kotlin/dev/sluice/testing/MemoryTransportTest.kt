package dev.sluice.testing

import dev.sluice.ConnectionResetException
import dev.sluice.StreamClosedException
import dev.sluice.transport.Transport
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldNotBeSameInstanceAs
import kotlinx.coroutines.CoroutineStart.UNDISPATCHED
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.nio.ByteBuffer

internal class MemoryTransportTest : FunSpec({
    test("what one side writes the other reads, both ways") {
        val (a, b) = memoryTransportPair()
        a.write("ping") shouldBe 4
        b.write("pong!") shouldBe 5
        b.readText() shouldBe "ping"
        a.readText() shouldBe "pong!"
        a.readText() shouldBe null
    }

    test("a write takes what there is room for, and room comes with each byte read") {
        val (a, b) = memoryTransportPair(capacity = 3)
        val data = ByteBuffer.wrap("abcdef".toByteArray())
        a.tryWrite(data) shouldBe 3
        data.position() shouldBe 3
        a.tryWrite(data) shouldBe 0
        b.readText(max = 1) shouldBe "a"
        a.tryWrite(data) shouldBe 1
        b.readText() shouldBe "bcd"
        a.tryWrite(data) shouldBe 2
        b.readText() shouldBe "ef"
    }

    test("a read with no room takes nothing") {
        val (a, b) = memoryTransportPair()
        a.write("x")
        b.tryRead(ByteBuffer.allocate(0)) shouldBe 0
        b.readText() shouldBe "x"
    }

    test("waits that are worth a call return at once") {
        val (a, b) = memoryTransportPair()
        a.awaitWritable()
        a.write("x")
        b.awaitReadable()
    }

    test("a wait to read ends when bytes come") {
        val (a, b) = memoryTransportPair()
        coroutineScope {
            val wait = async(start = UNDISPATCHED) { b.awaitReadable() }
            wait.isCompleted shouldBe false
            a.write("x")
            wait.await()
        }
    }

    test("a wait to write ends when there is room") {
        val (a, b) = memoryTransportPair(capacity = 1)
        a.write("x")
        coroutineScope {
            val wait = async(start = UNDISPATCHED) { a.awaitWritable() }
            wait.isCompleted shouldBe false
            b.readText() shouldBe "x"
            wait.await()
        }
        a.write("y") shouldBe 1
    }

    test("close delivers what was written, then the end, again and again") {
        val (a, b) = memoryTransportPair()
        a.write("last words")
        a.close()
        b.readText() shouldBe "last words"
        repeat(3) {
            b.awaitReadable()
            b.tryRead(ByteBuffer.allocate(1)) shouldBe -1
        }
    }

    test("writes to a peer that has closed fail, each with its own exception") {
        val (a, b) = memoryTransportPair()
        b.close()
        val first = shouldThrow<ConnectionResetException> { a.write("x") }
        val second = shouldThrow<ConnectionResetException> { a.write("x") }
        first shouldNotBeSameInstanceAs second
        shouldThrow<ConnectionResetException> { a.awaitWritable() }
    }

    test("a wait to write fails when the peer closes") {
        val (a, b) = memoryTransportPair(capacity = 1)
        a.write("x")
        failureOfWait(a::awaitWritable) { b.close() }.shouldBeInstanceOf<ConnectionResetException>()
    }

    test("the output can be ended after the peer has closed, but not after a write was refused") {
        val (a, b) = memoryTransportPair()
        b.close()
        a.writeEof()
        val (c, d) = memoryTransportPair()
        d.close()
        shouldThrow<ConnectionResetException> { c.write("x") }
        shouldThrow<ConnectionResetException> { c.writeEof() }
    }

    test("writeEof ends one direction and leaves the other") {
        val (a, b) = memoryTransportPair()
        a.write("x")
        a.writeEof()
        a.writeEof()
        b.readText() shouldBe "x"
        b.tryRead(ByteBuffer.allocate(1)) shouldBe -1
        b.write("y")
        a.readText() shouldBe "y"
        shouldThrow<StreamClosedException> { a.write("z") }
        shouldThrow<StreamClosedException> { a.awaitWritable() }
    }

    test("an abort leaves the bytes that were there, and then is a reset") {
        val (a, b) = memoryTransportPair()
        a.write("x")
        a.abort()
        b.awaitReadable()
        b.readText() shouldBe "x"
        val first = shouldThrow<ConnectionResetException> { b.readText() }
        shouldThrow<ConnectionResetException> { b.readText() } shouldNotBeSameInstanceAs first
        shouldThrow<ConnectionResetException> { b.awaitReadable() }
        shouldThrow<ConnectionResetException> { b.write("y") }
        shouldThrow<ConnectionResetException> { b.awaitWritable() }
        shouldThrow<ConnectionResetException> { b.writeEof() }
    }

    test("an end that was announced stays one after an abort") {
        val (a, b) = memoryTransportPair()
        a.writeEof()
        a.abort()
        b.tryRead(ByteBuffer.allocate(1)) shouldBe -1
        shouldThrow<ConnectionResetException> { b.write("y") }
    }

    test("an abort after a close changes nothing") {
        val (a, b) = memoryTransportPair()
        a.write("x")
        a.close()
        a.abort()
        b.readText() shouldBe "x"
        b.tryRead(ByteBuffer.allocate(1)) shouldBe -1
    }

    for ((how, end) in listOf<Pair<String, Transport.() -> Unit>>("close" to { close() }, "abort" to { abort() })) {
        test("after its own $how a transport throws StreamClosedException") {
            val (a, b) = memoryTransportPair(capacity = 1)
            b.write("x")
            a.end()
            a.end()
            repeat(2) {
                shouldThrow<StreamClosedException> { a.readText() }
                shouldThrow<StreamClosedException> { a.write("x") }
                shouldThrow<StreamClosedException> { a.awaitReadable() }
                shouldThrow<StreamClosedException> { a.awaitWritable() }
                shouldThrow<StreamClosedException> { a.writeEof() }
            }
        }

        test("its own $how ends a wait at once") {
            val (a, _) = memoryTransportPair(capacity = 1)
            failureOfWait(a::awaitReadable) { a.end() }.shouldBeInstanceOf<StreamClosedException>()
            val (c, _) = memoryTransportPair(capacity = 1)
            c.write("x")
            failureOfWait(c::awaitWritable) { c.end() }.shouldBeInstanceOf<StreamClosedException>()
        }
    }

    test("a reset wakes a reader") {
        val (a, b) = memoryTransportPair()
        failureOfWait(b::awaitReadable) { a.abort() }.shouldBeInstanceOf<ConnectionResetException>()
    }

    test("a cancelled wait is forgotten") {
        val (a, b) = memoryTransportPair()
        coroutineScope {
            launch(start = UNDISPATCHED) { b.awaitReadable() }.cancelAndJoin()
            val wait = async(start = UNDISPATCHED) { b.awaitReadable() }
            a.write("x")
            wait.await()
        }
        b.readText() shouldBe "x"
    }

    test("a second wait for the same is refused, and the first goes on") {
        val (a, b) = memoryTransportPair()
        coroutineScope {
            val wait = async(start = UNDISPATCHED) { b.awaitReadable() }
            shouldThrow<IllegalStateException> { b.awaitReadable() }
            wait.isCompleted shouldBe false
            a.write("x")
            wait.await()
        }
    }

    test("waiters are resumed without a lock: one may use the same pipe in place") {
        val (a, b) = memoryTransportPair(capacity = 1)
        val seen = StringBuilder()
        coroutineScope {
            val reader =
                launch(Dispatchers.Unconfined) {
                    repeat(3) {
                        b.awaitReadable()
                        seen.append(b.readText())
                    }
                }
            for (letter in listOf("x", "y", "z")) a.write(letter) shouldBe 1
            reader.join()
        }
        seen.toString() shouldBe "xyz"
    }

    test("a capacity has at least one byte") {
        shouldThrow<IllegalArgumentException> { memoryTransportPair(capacity = 0) }
    }

    for (capacity in listOf(1, 2, 3, 7)) {
        test("1 MiB goes through $capacity bytes between two threads") {
            val (a, b) = memoryTransportPair(capacity)
            val data = ByteArray(1 shl 20) { (it * 31 + (it shr 8)).toByte() }
            val received = ByteBuffer.allocate(data.size)
            withContext(Dispatchers.Default) {
                launch {
                    val from = ByteBuffer.wrap(data)
                    while (from.hasRemaining()) if (a.tryWrite(from) == 0) a.awaitWritable()
                    a.close()
                }
                while (received.hasRemaining()) if (b.tryRead(received) == 0) b.awaitReadable()
            }
            received.array().contentEquals(data) shouldBe true
            b.tryRead(ByteBuffer.allocate(1)) shouldNotBe 0
        }
    }
})

private suspend fun failureOfWait(
    wait: suspend () -> Unit,
    end: () -> Unit,
): Throwable? =
    coroutineScope {
        val waiting = async(start = UNDISPATCHED) { runCatching { wait() }.exceptionOrNull() }
        waiting.isCompleted shouldBe false
        end()
        waiting.await()
    }
