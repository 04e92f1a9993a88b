package dev.sluice

import dev.sluice.testing.Chunking
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.io.BufferedReader
import java.io.ByteArrayOutputStream
import java.io.IOException
import java.io.InputStream
import java.io.InterruptedIOException
import java.net.SocketException
import java.util.concurrent.Callable
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors
import java.util.concurrent.FutureTask
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread

internal class ReaderInputStreamTest : FunSpec({
    test("it reads what a reader would, in every kind of read, and -1 at the end, again and again") {
        inEveryChunking("a\u0000\u0080\u00FFbcdef") { reader ->
            val input = reader.asInputStream()
            input.read() shouldBe 'a'.code
            input.read() shouldBe 0
            input.read() shouldBe 0x80
            input.read() shouldBe 0xFF
            val into = ByteArray(6)
            val count = input.read(into, 2, 3)
            into.copyOfRange(2, 2 + count).latin1 shouldBe "bcd".take(count)
            into.copyOf(2).latin1 shouldBe "\u0000\u0000"
            into[5] shouldBe 0
            input.readAllBytes().latin1 shouldBe "bcdef".drop(count)
            repeat(2) {
                input.read() shouldBe -1
                input.read(into) shouldBe -1
                input.readAllBytes().size shouldBe 0
            }
        }
    }

    test("bounds are checked before anything else, and a length of 0 is 0 in every state") {
        val reader = readerOf("abc")
        val input = reader.asInputStream()
        val into = ByteArray(4)
        for ((offset, length) in listOf(-1 to 1, 0 to -1, 0 to 5, 4 to 1, 5 to 0, 1 to Int.MAX_VALUE, Int.MAX_VALUE to 1)) {
            withClue("$offset, $length") { shouldThrow<IndexOutOfBoundsException> { input.read(into, offset, length) } }
        }
        input.read(into, 0, 0) shouldBe 0
        input.read(into, 4, 0) shouldBe 0
        input.readAllBytes().latin1 shouldBe "abc"
        input.read(into, 0, 0) shouldBe 0
        input.read(ByteArray(0)) shouldBe 0
    }

    test("available is what is buffered") {
        val input = readerOf("abcdef").asInputStream()
        input.available() shouldBe 0
        input.read() shouldBe 'a'.code
        input.available() shouldBe 5
        input.readNBytes(4).latin1 shouldBe "bcde"
        input.available() shouldBe 1
        input.readAllBytes().latin1 shouldBe "f"
        input.available() shouldBe 0
    }

    test("reading a byte at a time asks the source once for many") {
        var asked = 0
        val input = StreamReader(PiecewiseSource(listOf(ByteArray(1_000)), whenAsked = { asked++ })).asInputStream()
        repeat(1_000) { input.read() shouldBe 0 }
        asked shouldBe 1
        input.read() shouldBe -1
    }

    test("a large array is filled without a detour, from the buffer first") {
        val data = ByteArray(5_000) { it.toByte() }
        val reader = StreamReader(PiecewiseSource(listOf(data.copyOf(10), data.copyOfRange(10, 5_000))))
        val input = reader.asInputStream()
        input.read() shouldBe 0
        val into = ByteArray(4_096)
        input.read(into) shouldBe 9
        input.read(into, 9, 4_000) shouldBe 4_000
        input.available() shouldBe 0
        into.copyOf(4_009).contentEquals(data.copyOfRange(1, 4_010)) shouldBe true
        input.readAllBytes().contentEquals(data.copyOfRange(4_010, 5_000)) shouldBe true
    }

    test("skip, readNBytes, transferTo and mark keep the contract of InputStream") {
        inEveryChunking("abcdefghij") { reader ->
            val input = reader.asInputStream()
            input.skip(-5) shouldBe 0
            input.skip(0) shouldBe 0
            input.skip(3) shouldBe 3
            input.readNBytes(2).latin1 shouldBe "de"
            input.markSupported() shouldBe false
            val rest = ByteArrayOutputStream()
            input.transferTo(rest) shouldBe 5
            rest.toByteArray().latin1 shouldBe "fghij"
            input.skip(3) shouldBe 0
            input.readNBytes(2).size shouldBe 0
        }
    }

    test("after close it throws, and close may come again") {
        val reader = readerOf("abc")
        val input = reader.asInputStream()
        input.read() shouldBe 'a'.code
        repeat(2) { input.close() }
        shouldThrow<StreamClosedException> { input.read() }
        shouldThrow<StreamClosedException> { input.read(ByteArray(2)) }
        shouldThrow<StreamClosedException> { input.skip(1) }
        input.available() shouldBe 0
        shouldThrow<StreamClosedException> { reader.read(1) }
    }

    test("R-055 a failure comes after the bytes before it, in its own type") {
        val input = StreamReader(PiecewiseSource(listOf(latin1("ab"))) { throw SocketException("reset") }).asInputStream()
        input.read() shouldBe 'a'.code
        input.read(ByteArray(5)) shouldBe 1
        repeat(2) { shouldThrow<SocketException> { input.read() }.message shouldBe "reset" }
    }

    test("BufferedReader over it reads lines, over whatever chunks") {
        for (chunking in listOf(Chunking.AsItComes, Chunking.OneByte, Chunking.random(3))) {
            val input = StreamReader(inMemory("eins\r\nzwei\n\ndr\u00C3\u00BC", chunking)).asInputStream()
            BufferedReader(input.reader()).readLines() shouldBe listOf("eins", "zwei", "", "drü")
        }
    }

    test("a thread waits where a coroutine would, and close of another ends its wait") {
        val feed = StreamFeed()
        val input = StreamReader(feed).asInputStream()
        val first = FutureTask { input.readNBytes(3).latin1 }
        val reading = thread { first.run() }
        reading.awaitWaiting()
        feed.feed("ab")
        feed.feed("c")
        first.get(30, TimeUnit.SECONDS) shouldBe "abc"

        val closed = FutureTask { runCatching { input.read() }.exceptionOrNull() }
        thread { closed.run() }.awaitWaiting()
        input.close()
        closed.get(30, TimeUnit.SECONDS)!!.javaClass shouldBe StreamClosedException::class.java
    }

    test("an interrupt ends a wait with InterruptedIOException, leaves the flag set, and loses no byte") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        val input = reader.asInputStream()
        val outcome =
            FutureTask {
                val thrown = runCatching { input.read(ByteArray(4)) }.exceptionOrNull()
                thrown to Thread.currentThread().isInterrupted
            }
        val reading = thread { outcome.run() }
        reading.awaitWaiting()
        reading.interrupt()
        val (thrown, flag) = outcome.get(30, TimeUnit.SECONDS)
        thrown!!.javaClass shouldBe InterruptedIOException::class.java
        thrown.cause!!.javaClass shouldBe InterruptedException::class.java
        flag shouldBe true
        feed.feed("abc")
        input.readNBytes(3).latin1 shouldBe "abc"
    }

    test("interrupts that race with deliveries lose no byte") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        val input = reader.asInputStream()
        val got = StringBuilder()
        val sent = StringBuilder()
        repeat(300) { round ->
            val reading =
                thread {
                    val into = ByteArray(4)
                    try {
                        val count = input.read(into)
                        got.append(into.copyOf(count).latin1)
                    } catch (e: IOException) {
                        e.javaClass shouldBe InterruptedIOException::class.java
                    }
                }
            if (round % 3 != 0) reading.awaitWaiting()
            val piece = "%03d".format(round)
            sent.append(piece)
            val feeding = thread { feed.feed(piece) }
            reading.interrupt()
            feeding.join()
            reading.join()
        }
        feed.feedEof()
        got.append(input.readAllBytes().latin1)
        got.toString() shouldBe sent.toString()
    }

    test("a thread that is interrupted already is told so when it would have to wait") {
        val feed = StreamFeed()
        val input = StreamReader(feed).asInputStream()
        feed.feed("ab")
        val outcome =
            FutureTask {
                input.read()
                Thread.currentThread().interrupt()
                val buffered = input.read()
                buffered to runCatching { input.read() }.exceptionOrNull()
            }
        thread { outcome.run() }
        val (buffered, thrown) = outcome.get(30, TimeUnit.SECONDS)
        buffered shouldBe 'b'.code
        thrown!!.javaClass shouldBe InterruptedIOException::class.java
        feed.feed("c")
        input.read() shouldBe 'c'.code
    }

    test("it can be read on Dispatchers.IO while another coroutine feeds") {
        val feed = StreamFeed()
        val input = StreamReader(feed).asInputStream()
        val data = ByteArray(200_000) { it.toByte() }
        thread {
            data.toList().chunked(999).forEach { feed.feed(it.toByteArray()) }
            feed.feedEof()
        }
        withContext(Dispatchers.IO) { input.readAllBytes() }.contentEquals(data) shouldBe true
    }

    test("virtual threads wait in it, more of them than there are carriers").config(enabled = virtualThreads() != null) {
        val feeds = List(200) { StreamFeed() }
        val threads = virtualThreads()
        threads shouldNotBe null
        val results = feeds.map { feed -> threads!!.submit(Callable { StreamReader(feed).asInputStream().readText() }) }
        feeds.forEachIndexed { i, feed ->
            feed.feed("reader $i")
            feed.feedEof()
        }
        results.map { it.get(30, TimeUnit.SECONDS) } shouldBe List(200) { "reader $it" }
        threads!!.shutdown()
    }
})

private fun InputStream.readText(): String = readAllBytes().latin1

/** Since JDK 21; compiled for 11. */
private fun virtualThreads(): ExecutorService? =
    runCatching { Executors::class.java.getMethod("newVirtualThreadPerTaskExecutor").invoke(null) as ExecutorService }.getOrNull()

/** Returns once the thread is parked, waiting for bytes. */
private fun Thread.awaitWaiting() {
    val deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30)
    while (state != Thread.State.WAITING && state != Thread.State.TIMED_WAITING && state != Thread.State.TERMINATED) {
        check(System.nanoTime() < deadline) { "the thread does not come to wait, but is $state" }
        Thread.onSpinWait()
    }
}
