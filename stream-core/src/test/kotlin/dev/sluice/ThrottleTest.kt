@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.sluice

import dev.sluice.testing.memoryTransportPair
import dev.sluice.transport.Transport
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.comparables.shouldBeGreaterThanOrEqualTo
import io.kotest.matchers.comparables.shouldBeLessThanOrEqualTo
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.longs.shouldBeInRange
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.StandardTestDispatcher
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.testTimeSource
import kotlin.concurrent.thread
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.measureTime

internal class ThrottleTest : FunSpec({
    readerTest("a reader gets so many bytes a second, and an eighth of a second's at once") {
        val data = patternBytes(5_000)
        val throttle = throttle(1_000)
        val took = took { readerOfBytes(data).throttled(throttle).read() shouldBe data }
        // 125 bytes were there from the beginning, and the end is asked for with one more piece.
        took shouldBeGreaterThanOrEqualTo 4.875.seconds
        took shouldBeLessThanOrEqualTo 4.95.seconds
    }

    readerTest("a writer does not wait, and its drain does") {
        val throttle = throttle(1_000)
        val (here, there) = memoryTransportPair()
        val writer = writerTo(here).throttled(throttle)
        val data = patternBytes(2_125)
        took { writer.write(data) } shouldBe Duration.ZERO
        writer.pending shouldBe 2_000
        val took = took { writer.drain() }
        took shouldBeGreaterThanOrEqualTo 2.seconds
        took shouldBeLessThanOrEqualTo 2.05.seconds
        writer.pending shouldBe 0
        writer.writeEof()
        StreamReader(there).read() shouldBe data
    }

    readerTest("a drain of a throttled writer waits for what lies below, too") {
        val (here, there) = memoryTransportPair(capacity = 10)
        val writer = StreamWriter(here).throttled(throttle(1L shl 30))
        writer.write("twenty bytes or so...")
        val draining = waiting { writer.drain() }
        StreamReader(there).readExactly(21).latin1 shouldBe "twenty bytes or so..."
        draining.await()
    }

    test("who waits for another rate goes on outside of its lock") {
        val throttle = Throttle(1)
        val reader = readerOf("ab").throttled(throttle)
        val wentOn =
            async(Dispatchers.Unconfined) {
                reader.readExactly(2)
                thread { throttle.bytesPerSecond }.join()
            }
        wentOn.isActive shouldBe true
        throttle.bytesPerSecond = 1_000_000
        wentOn.await()
    }

    readerTest("closing it delivers what was written, at its pace; aborting it aborts what lies below") {
        val (here, there) = memoryTransportPair()
        val writer = writerTo(here).throttled(throttle(100))
        writer.write(patternBytes(212))
        writer.close()
        val took = took { StreamReader(there).read() shouldBe patternBytes(212) }
        took shouldBeGreaterThanOrEqualTo 1.9.seconds
        writer.awaitClosed()

        val (here2, there2) = memoryTransportPair()
        val aborted = writerTo(here2).throttled(throttle(100))
        aborted.write(patternBytes(1_000))
        aborted.abort()
        shouldThrow<ConnectionResetException> { StreamReader(there2).read() }
    }

    readerTest("streams that share it get equal shares, and together no more than its rate") {
        val throttle = throttle(3_000)
        val counts = IntArray(3)
        val readers =
            List(3) { index ->
                launch {
                    val reader = StreamReader(Endless).throttled(throttle)
                    while (true) counts[index] += reader.read(10_000).size
                }
            }
        delay(10.seconds)
        readers.forEach { it.cancelAndJoin() }
        counts.sum() shouldBeInRange 29_000..30_600
        counts.forEach { it shouldBeInRange 9_000..11_000 }
    }

    readerTest("a change is heard of by those who wait") {
        val throttle = throttle(1)
        val reader = StreamReader(Endless).throttled(throttle)
        reader.read(10).size shouldBe 1
        val reading = waiting { reader.readExactly(10_000) }
        throttle.bytesPerSecond = 1_000_000
        val took = took { reading.await() }
        took shouldBeLessThanOrEqualTo 20.milliseconds
        throttle.bytesPerSecond shouldBe 1_000_000
    }

    readerTest("what was granted to one that is cancelled is not lost to it, and to one that is closed not to the others") {
        val throttle = throttle(64)
        val data = patternBytes(200)
        val reader = readerOfBytes(data).throttled(throttle)
        val read = ArrayList<Byte>()
        repeat(40) {
            val reading = async { reader.read(3).forEach(read::add) }
            delay((it * 7 % 30).milliseconds)
            reading.cancelAndJoin()
        }
        (read + reader.read().toList()) shouldBe data.toList()
        val other = StreamReader(Endless).throttled(throttle)
        val closed = StreamReader(Endless).throttled(throttle)
        val waiting = waiting { runCatching { closed.readExactly(100) } }
        closed.close()
        waiting.await()
        took { other.readExactly(64) } shouldBeLessThanOrEqualTo 1.1.seconds
    }

    readerTest("thousands of streams in turn lose nothing of the rate") {
        val throttle = throttle(1_000_000)
        val took =
            took {
                List(
                    1_000,
                ) {
                    async {
                        readerOfBytes(
                            patternBytes(3_000),
                        ).throttled(throttle).read() shouldBe patternBytes(3_000)
                    }
                }.awaitAll()
            }
        took shouldBeGreaterThanOrEqualTo 2.8.seconds
        took.inWholeMilliseconds shouldBeInRange 2_800L..20_000L
    }

    test("a rate is positive") {
        shouldThrow<IllegalArgumentException> { Throttle(0) }.message shouldBe
            "a throttle lets at least one byte pass in a second, not 0"
        shouldThrow<IllegalArgumentException> { Throttle(5).bytesPerSecond = -1 }
        Throttle(5).toString() shouldBe "Throttle(5 bytes/s)"
    }
})

/** What it sends later passes in virtual time. */
private fun TestScope.writerTo(transport: Transport): StreamWriter =
    Connection(transport, background = StandardTestDispatcher(testScheduler)).writer

private fun TestScope.throttle(rate: Long) = Throttle(rate, testTimeSource)

private suspend inline fun TestScope.took(crossinline action: suspend () -> Unit): Duration =
    testTimeSource.measureTime {
        action()
    }

private fun readerOfBytes(bytes: ByteArray): StreamReader =
    StreamReader(
        StreamFeed().apply {
            feed(bytes)
            feedEof()
        },
    )
