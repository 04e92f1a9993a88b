package dev.sluice

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.test.TestCoroutineScheduler
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.UnconfinedTestDispatcher
import kotlinx.coroutines.test.advanceTimeBy
import kotlinx.coroutines.test.advanceUntilIdle
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import java.nio.file.Files
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

@OptIn(ExperimentalCoroutinesApi::class)
internal class CloseTimeoutTest : FunSpec({
    test("W-038 a peer that takes nothing for closeTimeout is given up, and the message says how much was dropped") {
        runTest {
            val transport = ScriptedTransport(ScriptedSink(room = 3))
            val connection = connectionOver(transport)
            connection.writer.write("hello world")
            connection.close()
            advanceTimeBy(30.seconds - 1.milliseconds)
            runCurrent()
            transport.aborts shouldBe 0
            advanceTimeBy(1.milliseconds)
            runCurrent()
            transport.aborts shouldBe 1
            repeat(2) {
                shouldThrow<CloseTimeoutException> { connection.awaitClosed() }.message shouldBe
                    "closing the stream: the peer took no byte for 30s, 8 bytes were dropped"
            }
            connection.writer.pending shouldBe 0
            transport.sink.text shouldBe "hel"
            currentTime shouldBe 30_000
        }
    }

    test("W-038 a waiting drain learns of it") {
        runTest {
            val connection = connectionOver(ScriptedTransport(ScriptedSink(room = 0)), 2.seconds)
            connection.writer.write("x")
            val drain = begun { connection.writer.drain() }
            connection.close()
            advanceUntilIdle()
            val thrown = drain.await().exceptionOrNull()!!
            thrown.shouldBeInstanceOf<StreamClosedException>()
            thrown.cause.shouldBeInstanceOf<CloseTimeoutException>().message shouldBe
                "closing the stream: the peer took no byte for 2s, 1 bytes were dropped"
            currentTime shouldBe 2_000
        }
    }

    test("W-038 every byte that the peer takes starts the time anew") {
        runTest {
            val transport = ScriptedTransport(ScriptedSink(room = 0))
            val connection = connectionOver(transport, 30.seconds)
            connection.writer.write(ByteArray(100))
            advanceTimeBy(100.seconds)
            connection.close()
            repeat(10) {
                advanceTimeBy(29.seconds)
                runCurrent()
                transport.sink.open(1)
                transport.aborts shouldBe 0
            }
            advanceTimeBy(30.seconds - 1.milliseconds)
            runCurrent()
            transport.aborts shouldBe 0
            advanceTimeBy(1.milliseconds)
            runCurrent()
            transport.aborts shouldBe 1
            shouldThrow<CloseTimeoutException> { connection.awaitClosed() }.message shouldBe
                "closing the stream: the peer took no byte for 30s, 90 bytes were dropped"
            currentTime shouldBe (100 + 290 + 30) * 1000L
        }
    }

    test("W-038 a slow peer that takes everything gets everything, and no clock runs on after it") {
        runTest {
            val transport = ScriptedTransport(ScriptedSink(room = 0))
            val connection = connectionOver(transport, 1.seconds)
            connection.writer.write(patternBytes(50))
            connection.close()
            repeat(50) {
                advanceTimeBy(999.milliseconds)
                transport.sink.open(1)
            }
            connection.awaitClosed()
            transport.sink.bytes shouldBe patternBytes(50)
            transport.aborts shouldBe 0
            val now = currentTime
            advanceUntilIdle()
            currentTime shouldBe now
        }
    }

    test("W-038 nothing waits when everything was flushed before the close") {
        runTest {
            val transport = ScriptedTransport()
            val connection = connectionOver(transport)
            connection.writer.write("x")
            connection.close()
            connection.awaitClosed()
            advanceUntilIdle()
            currentTime shouldBe 0
            transport.aborts shouldBe 0
        }
    }

    test("W-038 the bound holds, too, for a close that comes while the last write is with the sink") {
        runTest {
            val sink = ScriptedSink(room = 3)
            val transport = ScriptedTransport(sink)
            val connection = connectionOver(transport, 5.seconds)
            sink.onWrite = { connection.close() }
            connection.writer.write("hello")
            transport.aborts shouldBe 0
            advanceUntilIdle()
            transport.aborts shouldBe 1
            currentTime shouldBe 5_000
            shouldThrow<CloseTimeoutException> { connection.awaitClosed() }.message shouldBe
                "closing the stream: the peer took no byte for 5s, 2 bytes were dropped"
        }
    }

    test("W-038, W-054 the bytes of a file that did not get away count, too") {
        val file = Files.createTempFile("sluice", null)
        Files.write(file, ByteArray(1000))
        runTest {
            val sink = ScriptedSink(room = 100)
            val connection = connectionOver(ScriptedTransport(sink), 5.seconds)
            val sending = begun { connection.writer.sendFile(file) }
            // Opening the file is left to other threads, which the virtual clock doesn't wait for.
            while (!sink.isAwaited) kotlinx.coroutines.yield()
            connection.writer.write("abc")
            connection.close()
            advanceUntilIdle()
            shouldThrow<CloseTimeoutException> { connection.awaitClosed() }.message shouldBe
                "closing the stream: the peer took no byte for 5s, 903 bytes were dropped"
            sending.await().exceptionOrNull().shouldBeInstanceOf<StreamClosedException>()
        }
        Files.delete(file)
    }

    test("W-038 a loss during the flush ends it at once") {
        runTest {
            val transport = ScriptedTransport(ScriptedSink(room = 0))
            val connection = connectionOver(transport)
            connection.writer.write("x")
            connection.close()
            advanceTimeBy(10.seconds)
            transport.sink.fail(ConnectionResetException("reset"))
            shouldThrow<ConnectionResetException> { connection.awaitClosed() }.message shouldBe "reset"
            advanceUntilIdle()
            currentTime shouldBe 10_000
            shouldThrow<ConnectionResetException> { connection.awaitClosed() }.message shouldBe "reset"
        }
    }

    test("W-038 an endless closeTimeout is no bound, and one that is not positive is refused") {
        runTest {
            val transport = ScriptedTransport(ScriptedSink(room = 0))
            val connection = connectionOver(transport, Duration.INFINITE)
            connection.writer.write("x")
            connection.close()
            advanceUntilIdle()
            currentTime shouldBe 0
            transport.aborts shouldBe 0
            connection.abort()
        }
        for (timeout in listOf(Duration.ZERO, (-1).seconds)) {
            shouldThrow<IllegalArgumentException> { Connection(ScriptedTransport(), closeTimeout = timeout) }.message shouldBe
                "closeTimeout must be positive, not $timeout"
        }
    }
})

@OptIn(ExperimentalCoroutinesApi::class)
private fun TestScope.connectionOver(
    transport: ScriptedTransport,
    closeTimeout: Duration = 30.seconds,
    scheduler: TestCoroutineScheduler = testScheduler,
) = Connection(transport, closeTimeout = closeTimeout, background = UnconfinedTestDispatcher(scheduler))
