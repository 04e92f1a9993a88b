package dev.sluice.testing

import dev.sluice.ConnectionResetException
import dev.sluice.StreamClosedException
import dev.sluice.transport.Transport
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CoroutineStart.UNDISPATCHED
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import java.nio.ByteBuffer
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

@OptIn(ExperimentalCoroutinesApi::class)
internal class FaultyTransportTest : FunSpec({
    test("without a fault it is what it wraps") {
        val (a, b) = faultyPair { }
        a.write("hello") shouldBe 5
        b.readText() shouldBe "hello"
        b.write("you")
        a.awaitReadable()
        a.readText() shouldBe "you"
        a.awaitWritable()
        a.canWriteEof shouldBe true
        a.writeEof()
        b.tryRead(ByteBuffer.allocate(1)) shouldBe -1
    }

    for (n in 0..6) {
        test("a reset at byte $n lets exactly $n bytes be read") {
            val (a, b) = faultyPair { resetAtByte = n.toLong() }
            runCatching { b.write("abcdef") }
            a.readAll() shouldBe "abcdef".take(n)
            shouldThrow<ConnectionResetException> { a.readText() }
            shouldThrow<ConnectionResetException> { a.write("x") }
            shouldThrow<ConnectionResetException> { a.awaitReadable() }
            shouldThrow<ConnectionResetException> { a.awaitWritable() }
            shouldThrow<ConnectionResetException> { a.writeEof() }
            shouldThrow<ConnectionResetException> { b.write("x") }
        }

        test("a reset at byte $n lets exactly $n bytes be written") {
            val (a, b) = faultyPair { resetAtByte = n.toLong() }
            val data = ByteBuffer.wrap("abcdefg".toByteArray())
            runCatching { a.tryWrite(data) shouldBe n }
            shouldThrow<ConnectionResetException> { a.tryWrite(data) }
            data.position() shouldBe n
            b.readAll() shouldBe "abcdefg".take(n)
            shouldThrow<ConnectionResetException> { b.readText() }
        }
    }

    test("a byte number counts both directions together unless it names one") {
        val (a, b) = faultyPair { resetAtByte = 5 }
        b.write("abc")
        a.readText() shouldBe "abc"
        a.write("defg") shouldBe 2

        val (c, d) = faultyPair { resetAtByteRead = 3 }
        c.write("any number") shouldBe 10
        d.write("abcdef")
        c.readText() shouldBe "abc"
        shouldThrow<ConnectionResetException> { c.write("x") }

        val (e, f) = faultyPair { resetAtByteWritten = 3 }
        f.write("any number")
        e.readText() shouldBe "any number"
        e.write("abcdef") shouldBe 3
        shouldThrow<ConnectionResetException> { e.readText() }
    }

    test("a reset wakes a wait of the other direction") {
        val (a, _) = faultyPair { resetAtByteWritten = 1 }
        coroutineScope {
            val wait = async(start = UNDISPATCHED) { runCatching { a.awaitReadable() } }
            a.write("xyz") shouldBe 1
            wait.await().exceptionOrNull().shouldBeInstanceOf<ConnectionResetException>()
        }
    }

    test("a stall lets the bytes before it pass, and then waits don't return") {
        runTest {
            val (a, b) = faultyPair { stallAtByte = 4 }
            b.write("abcdef")
            a.readText() shouldBe "abcd"
            a.readText() shouldBe null
            a.write("x") shouldBe 0
            val waits = listOf(launch { a.awaitReadable() }, launch { a.awaitWritable() })
            afterAWhile()
            waits.forEach { it.isActive shouldBe true }
            waits.forEach { it.cancel() }
        }
    }

    test("a stall of one direction leaves the other") {
        val (a, b) = faultyPair { stallAtByteRead = 1 }
        b.write("abc")
        a.readText() shouldBe "a"
        a.readText() shouldBe null
        a.write("goes on") shouldBe 7

        val (c, d) = faultyPair { stallAtByteWritten = 1 }
        c.write("abc") shouldBe 1
        c.write("bc") shouldBe 0
        c.writeEof()
        d.write("goes on")
        c.readText() shouldBe "goes on"
        d.readText() shouldBe "a"
        d.readText() shouldBe null
    }

    test("a stall catches a wait that was there before it") {
        runTest {
            val (a, b) = faultyPair { stallAtByte = 3 }
            val wait = launch(start = UNDISPATCHED) { a.awaitReadable() }
            a.write("abc")
            b.write("x")
            afterAWhile()
            wait.isActive shouldBe true
            wait.cancel()
        }
    }

    for ((how, end) in listOf<Pair<String, Transport.() -> Unit>>("close" to { close() }, "abort" to { abort() })) {
        test("$how ends a wait that is stalled or delayed") {
            runTest {
                val stalled = faultyPair { stallAtByte = 0 }.first
                val slow = faultyPair { delay = 10.seconds }.first
                val waits = listOf(stalled::awaitReadable, stalled::awaitWritable, slow::awaitWritable)
                val failures = waits.map { async { runCatching { it() }.exceptionOrNull() } }
                runCurrent()
                stalled.end()
                slow.end()
                failures.forEach { it.await().shouldBeInstanceOf<StreamClosedException>() }
                currentTime shouldBe 0
            }
        }

        test("after a reset and its own $how it throws StreamClosedException") {
            val (a, _) = faultyPair { resetAtByte = 0 }
            shouldThrow<ConnectionResetException> { a.readText() }
            a.end()
            shouldThrow<StreamClosedException> { a.readText() }
            shouldThrow<StreamClosedException> { a.write("x") }
        }
    }

    test("one-byte chunks move one byte each way") {
        val (a, b) = faultyPair { oneByteChunks = true }
        b.write("abc")
        a.readText() shouldBe "a"
        a.readText() shouldBe "b"
        val data = ByteBuffer.wrap("xyz".toByteArray())
        a.tryWrite(data) shouldBe 1
        data.remaining() shouldBe 2
    }

    test("short reads and writes move less than they could, by the seed") {
        val sizes =
            List(50) { ByteArray(100) }.map { data ->
                val (a, _) = faultyPair { shortWrites = true }
                a.tryWrite(ByteBuffer.wrap(data)).also { it.shouldBeInRange(1..99) }
            }
        sizes.toSet().size shouldBe 1
        pieces(seed = 1) shouldBe pieces(seed = 1)
        pieces(seed = 1) shouldNotBe pieces(seed = 2)
        pieces(seed = 1) shouldContain 1
    }

    test("a delay passes before each piece, in virtual time") {
        runTest {
            val (a, b) =
                faultyPair {
                    delay = 5.milliseconds
                    oneByteChunks = true
                }
            b.write("abc")
            for (n in 1..3) {
                a.readText() shouldBe null
                a.awaitReadable()
                currentTime shouldBe 5L * n
                a.readText() shouldBe "abc".substring(n - 1, n)
            }
            b.close()
            a.awaitReadable()
            currentTime shouldBe 20
            repeat(2) { a.tryRead(ByteBuffer.allocate(1)) shouldBe -1 }
        }
    }

    test("a delay passes before each piece that is written") {
        runTest {
            val (a, b) = faultyPair { delay = 1.seconds }
            a.write("abc") shouldBe 0
            a.awaitWritable()
            currentTime shouldBe 1000
            a.write("abc") shouldBe 3
            a.write("def") shouldBe 0
            b.readText() shouldBe "abc"
        }
    }

    test("a delay passes before a failure that a wait reports") {
        runTest {
            val (a, b) = faultyPair { delay = 1.seconds }
            b.abort()
            shouldThrow<ConnectionResetException> { a.awaitReadable() }
            currentTime shouldBe 1000
            shouldThrow<ConnectionResetException> { a.readText() }
        }
    }

    test("a reset by one direction is a reset for a call of the other that is under way") {
        var during = { }
        val (a, b) = memoryTransportPair()
        val inner =
            object : Transport by a {
                override fun tryRead(into: ByteBuffer): Int {
                    during()
                    return a.tryRead(into)
                }
            }
        val faulty = FaultyTransport(inner) { resetAtByteWritten = 1 }
        during = { faulty.write("the last byte") }
        b.write("x")
        shouldThrow<ConnectionResetException> { faulty.readText() }
    }

    test("a wait that was cancelled in its delay begins it anew") {
        runTest {
            val (a, b) = faultyPair { delay = 1.seconds }
            b.write("x")
            val wait = launch { a.awaitReadable() }
            testScheduler.advanceTimeBy(900)
            wait.cancel()
            a.readText() shouldBe null
            a.awaitReadable()
            currentTime shouldBe 1900
            a.readText() shouldBe "x"
        }
    }

    test("faults that make no sense are refused") {
        shouldThrow<IllegalArgumentException> { faultyPair { delay = (-1).seconds } }
        shouldThrow<IllegalArgumentException> { faultyPair { resetAtByte = -1 } }
            .message shouldBe "resetAtByte can't be -1"
        shouldThrow<IllegalArgumentException> { Chunking.fixed(0) }
    }
})

private fun faultyPair(faults: Faults.() -> Unit): Pair<Transport, Transport> {
    val (a, b) = memoryTransportPair()
    return FaultyTransport(a, faults) to b
}

private fun Transport.readAll(): String {
    val text = StringBuilder()
    while (true) text.append(runCatching { readText() }.getOrNull() ?: return text.toString())
}

private fun pieces(seed: Long): List<Int> {
    val (a, b) =
        faultyPair {
            shortReads = true
            this.seed = seed
        }
    b.tryWrite(ByteBuffer.wrap(ByteArray(60_000)))
    val into = ByteBuffer.allocate(60_000)
    return generateSequence { a.tryRead(into).takeIf { it > 0 } }.toList()
}

@OptIn(ExperimentalCoroutinesApi::class)
private fun TestScope.afterAWhile() {
    testScheduler.advanceTimeBy(3_600_000)
    runCurrent()
}
