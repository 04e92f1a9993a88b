package dev.sluice

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.test.UnconfinedTestDispatcher
import kotlinx.coroutines.test.advanceTimeBy
import kotlinx.coroutines.test.advanceUntilIdle
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import java.io.IOException
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

@OptIn(ExperimentalCoroutinesApi::class)
internal class WriterReleaseTest : FunSpec({
    test("J-018 awaitClosed() after abort() returns after the release, for which abort() does not wait") {
        val loop = ScriptedLoop()
        val connection = Connection(loop)
        connection.abort()
        loop.below.aborts shouldBe 1
        val closing = List(2) { begun { connection.awaitClosed() } }
        closing.any { it.isCompleted } shouldBe false
        connection.toString() shouldContain "closing"
        loop.released.complete(Unit)
        closing.forEach { it.await().getOrThrow() }
        connection.awaitClosed()
        connection.toString() shouldContain "closed"
    }

    test("J-018 who awaits the end hears of a loss at once; after a close he hears of it when the sink is released") {
        val loop = ScriptedLoop()
        val connection = Connection(loop)
        val waiting = begun { connection.awaitClosed() }
        loop.lossListener!!.lost(ConnectionResetException("reset"))
        waiting.await().exceptionOrNull().shouldBeInstanceOf<ConnectionResetException>()
        shouldThrow<ConnectionResetException> { connection.awaitClosed() }
        connection.close()
        loop.below.aborts shouldBe 1
        val closing = begun { connection.awaitClosed() }
        closing.isCompleted shouldBe false
        loop.released.complete(Unit)
        closing
            .await()
            .exceptionOrNull()
            .shouldBeInstanceOf<ConnectionResetException>()
            .message shouldBe "reset"
    }

    test("a loss during the flush of a close is told when the sink is released") {
        val loop = ScriptedLoop(ScriptedTransport(ScriptedSink(room = 0)))
        val connection = Connection(loop)
        connection.writer.write("x")
        connection.close()
        loop.sink.fail(ConnectionResetException("reset"))
        val closing = begun { connection.awaitClosed() }
        closing.isCompleted shouldBe false
        loop.released.complete(Unit)
        closing
            .await()
            .exceptionOrNull()
            .shouldBeInstanceOf<ConnectionResetException>()
            .message shouldBe "reset"
    }

    test("a sink that can't be released in order ends the stream with its failure") {
        val loop = ScriptedLoop()
        val connection = Connection(loop)
        connection.close()
        val closing = begun { connection.awaitClosed() }
        loop.released.completeExceptionally(IOException("no orderly end"))
        closing.await().exceptionOrNull()!!.message shouldBe "no orderly end"
        loop.below.aborts shouldBe 1
    }

    test("an abort during the release of a close cuts it short, and is no failure") {
        val loop = ScriptedLoop()
        val connection = Connection(loop)
        connection.close()
        val closing = begun { connection.awaitClosed() }
        connection.abort()
        loop.below.aborts shouldBe 1
        closing.isCompleted shouldBe false
        loop.released.complete(Unit)
        closing.await().getOrThrow()
    }

    test("what the sink has yet to deliver is waited for, and its failure is that of the stream") {
        for (failure in listOf(null, IOException("not delivered"))) {
            val loop = ScriptedLoop().apply { delivered = CompletableDeferred() }
            loop.released.complete(Unit)
            val connection = Connection(loop)
            connection.close()
            val closing = begun { connection.awaitClosed() }
            closing.isCompleted shouldBe false
            loop.sink.closes shouldBe 1
            if (failure == null) loop.delivered.complete(Unit) else loop.delivered.completeExceptionally(failure)
            closing.await().exceptionOrNull()?.message shouldBe failure?.message
            loop.below.aborts shouldBe if (failure == null) 0 else 1
        }
    }

    test("W-038 a sink that delivers nothing for closeTimeout is given up") {
        runTest {
            val loop = ScriptedLoop().apply { delivered = CompletableDeferred() }
            loop.released.complete(Unit)
            val connection = Connection(loop, closeTimeout = 5.seconds, background = UnconfinedTestDispatcher(testScheduler))
            connection.close()
            advanceTimeBy(5.seconds - 1.milliseconds)
            runCurrent()
            loop.below.aborts shouldBe 0
            advanceUntilIdle()
            loop.below.aborts shouldBe 1
            currentTime shouldBe 5_000
            shouldThrow<CloseTimeoutException> { connection.awaitClosed() }.message shouldBe
                "closing the stream: the peer did not take the last bytes within 5s"
        }
    }

    test("W-038 the release itself has a bound of its own, and no other") {
        runTest {
            val loop = ScriptedLoop()
            val connection = Connection(loop, closeTimeout = 5.seconds, background = UnconfinedTestDispatcher(testScheduler))
            connection.close()
            advanceTimeBy(100.seconds)
            loop.released.complete(Unit)
            connection.awaitClosed()
            loop.below.aborts shouldBe 0
        }
    }

    test("close() of an output stream on the loop's own thread refuses to wait for the release after an abort") {
        val loop = ScriptedLoop()
        val connection = Connection(loop)
        connection.abort()
        shouldRefuseToBlock { connection.writer.asOutputStream().close() }
        loop.released.complete(Unit)
        connection.writer.asOutputStream().close()
    }
})
