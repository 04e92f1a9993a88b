package dev.sluice.net

import dev.sluice.ConnectionResetException
import dev.sluice.IncompleteReadException
import dev.sluice.StreamClosedException
import dev.sluice.StreamReader
import dev.sluice.testing.memoryStreamPair
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import io.ktor.utils.io.ByteChannel
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.ByteWriteChannel
import io.ktor.utils.io.availableForRead
import io.ktor.utils.io.cancel
import io.ktor.utils.io.copyTo
import io.ktor.utils.io.readByteArray
import io.ktor.utils.io.readLine
import io.ktor.utils.io.toByteArray
import io.ktor.utils.io.writeFully
import io.ktor.utils.io.writeStringUtf8
import io.ktor.utils.io.writer
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.ClosedSendChannelException
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeout
import kotlinx.io.readByteArray
import java.io.IOException
import java.net.SocketException
import java.nio.channels.ClosedChannelException
import java.nio.channels.ClosedSelectorException
import kotlin.random.Random
import kotlin.time.Duration.Companion.seconds

internal class ByteChannelStreamsTest :
    FunSpec({
        context("asStreamReader") {
            test("it reads what comes out of the channel, to the end") {
                val reader = ByteReadChannel("one\ntwo").asStreamReader()
                reader.readLine() shouldBe "one"
                reader.readLine() shouldBe "two"
                reader.readLine() shouldBe null
                reader.atEof shouldBe true
            }

            test("an end too early is an IncompleteReadException with what came") {
                val reader = ByteReadChannel("short").asStreamReader()
                shouldThrow<IncompleteReadException> { reader.readExactly(10) }.partial.decodeToString() shouldBe "short"
            }

            test("the limit is the reader's") {
                ByteReadChannel("").asStreamReader(limit = 7).limit shouldBe 7
            }

            test("it waits for bytes, and a cancelled read loses none of them") {
                val channel = ByteChannel(autoFlush = true)
                val reader = channel.asStreamReader()
                val heard = StringBuilder()
                repeat(100) {
                    val reading = launch(start = CoroutineStart.UNDISPATCHED) { heard.append(reader.read(10).decodeToString()) }
                    if (it % 2 == 0) channel.writeStringUtf8("$it\n")
                    reading.cancelAndJoin()
                    if (it % 2 == 1) channel.writeStringUtf8("$it\n")
                }
                channel.flushAndClose()
                heard.append(reader.read().decodeToString()).toString() shouldBe (0 until 100).joinToString("") { "$it\n" }
            }

            test("how a channel can end, and what a waiting read and the next one say") {
                for (end in ChannelEnd.entries) {
                    withClue(end) {
                        val channel = ByteChannel()
                        val reader = channel.asStreamReader()
                        val reading = async(start = CoroutineStart.UNDISPATCHED) { outcomeOf(reader) }
                        end.happen(channel, reader)
                        end.check(withTimeout(30.seconds) { reading.await() })
                        repeat(2) { end.check(outcomeOf(reader)) }
                    }
                }
            }

            test("a writer coroutine that fails is a ConnectionResetException with its failure") {
                val reader = this.writer { error("boom") }.channel.asStreamReader()
                val failure = shouldThrow<ConnectionResetException> { reader.read(10) }
                generateSequence<Throwable>(
                    failure,
                ) { it.cause }.any { it is IllegalStateException && it.message == "boom" } shouldBe
                    true
            }

            test("closing the reader tells whoever writes that nobody reads") {
                val channel = ByteChannel()
                channel.asStreamReader().close()
                shouldThrow<IOException> { channel.writeStringUtf8("x") }.message shouldContain "closed by its reader"
            }
        }

        context("asStreamWriter") {
            test("what is written is flushed, also into a channel that does not flush by itself") {
                val channel = ByteChannel(autoFlush = false)
                val writer = channel.asStreamWriter()
                writer.write("line\n")
                writer.drain()
                withTimeout(30.seconds) { channel.readLine() } shouldBe "line"
            }

            test("drain waits while the channel is full, and everything arrives") {
                val bytes = Random(1).nextBytes(5 shl 20)
                val channel = ByteChannel()
                val writer = channel.asStreamWriter()
                writer.write(bytes)
                val draining = async(start = CoroutineStart.UNDISPATCHED) { writer.drain() }
                draining.isCompleted shouldBe false
                (writer.pending > 0) shouldBe true
                channel.readByteArray(bytes.size) shouldBe bytes
                withTimeout(30.seconds) { draining.await() }
                writer.pending shouldBe 0
            }

            test("close delivers all that was written, then the end") {
                val bytes = Random(2).nextBytes(3 shl 20)
                for (hidden in listOf(false, true)) {
                    val channel = ByteChannel()
                    val writer = (if (hidden) HiddenChannel(channel) else channel).asStreamWriter()
                    writer.write(bytes)
                    writer.close()
                    withTimeout(30.seconds) { channel.toByteArray() } shouldBe bytes
                    withTimeout(30.seconds) { writer.awaitClosed() }
                }
            }

            test("writeEof ends the channel") {
                val channel = ByteChannel()
                val writer = channel.asStreamWriter()
                writer.write("all")
                writer.writeEof()
                channel.toByteArray().decodeToString() shouldBe "all"
            }

            test("abort cancels the channel, and is a failure at its other end") {
                val channel = ByteChannel()
                val reader = channel.asStreamReader()
                val writer = channel.asStreamWriter()
                writer.write("dropped")
                writer.abort()
                shouldThrow<ConnectionResetException> { reader.read() }.message shouldContain "aborted by its writer"
                shouldThrow<StreamClosedException> { writer.write("x") }
                withTimeout(30.seconds) { writer.awaitClosed() }
            }

            test("a channel that its reader gives up is a ConnectionResetException for drain, again and again") {
                val channel = ByteChannel()
                val writer = channel.asStreamWriter()
                writer.write(ByteArray(3 shl 20))
                val draining = async(start = CoroutineStart.UNDISPATCHED) { runCatching { writer.drain() } }
                channel.cancel(SocketException("Broken pipe"))
                val failure = withTimeout(30.seconds) { draining.await() }.exceptionOrNull()
                failure.shouldBeInstanceOf<ConnectionResetException>().message shouldContain "Broken pipe"
                repeat(2) { shouldThrow<ConnectionResetException> { writer.drain() } }
                shouldThrow<ConnectionResetException> { writer.write("x") }
            }

            test("the limit is the writer's") {
                ByteChannel().asStreamWriter(writeLimit = 7).writeLimit shouldBe 7
            }
        }

        context("toByteReadChannel") {
            test("Ktor's functions read from it, to the end") {
                val (left, right) = memoryStreamPair()
                val channel = right.reader.toByteReadChannel()
                left.writer.write("line\nrest")
                left.writer.writeEof()
                channel.readLine() shouldBe "line"
                channel.isClosedForRead shouldBe false
                channel.toByteArray().decodeToString() shouldBe "rest"
                channel.isClosedForRead shouldBe true
                channel.closedCause shouldBe null
                channel.awaitContent() shouldBe false
            }

            test("nothing is read before somebody asks, and no more than that takes") {
                val (left, right) = memoryStreamPair(capacity = 1 shl 20)
                val channel = right.reader.toByteReadChannel()
                left.writer.write(ByteArray(500_000))
                left.writer.drain()
                channel.availableForRead shouldBe 0
                channel.awaitContent(1) shouldBe true
                (channel.availableForRead in 1..64 * 1024) shouldBe true
            }

            test("it waits for as many bytes as are asked for") {
                val (left, right) = memoryStreamPair()
                val channel = right.reader.toByteReadChannel()
                val waiting = async(start = CoroutineStart.UNDISPATCHED) { channel.awaitContent(5) }
                left.writer.write("1234")
                waiting.isCompleted shouldBe false
                left.writer.write("5")
                withTimeout(30.seconds) { waiting.await() } shouldBe true
                left.writer.writeEof()
                channel.awaitContent(6) shouldBe false
                channel.toByteArray().decodeToString() shouldBe "12345"
            }

            test("a cancelled wait loses no byte") {
                val (left, right) = memoryStreamPair()
                val channel = right.reader.toByteReadChannel()
                repeat(100) {
                    val waiting = launch(start = CoroutineStart.UNDISPATCHED) { channel.awaitContent(1000) }
                    left.writer.write("$it\n")
                    waiting.cancelAndJoin()
                }
                repeat(100) { channel.readLine() shouldBe "$it" }
            }

            test("the reader's failure is the channel's, after the bytes that came before") {
                val (left, right) = memoryStreamPair()
                val channel = right.reader.toByteReadChannel()
                left.writer.write("before")
                channel.awaitContent(6) shouldBe true
                right.reader.close()
                shouldThrow<StreamClosedException> { channel.awaitContent(7) }
                channel.isClosedForRead shouldBe false
                channel.readByteArray(6).decodeToString() shouldBe "before"
                channel.isClosedForRead shouldBe true
                channel.closedCause.shouldBeInstanceOf<StreamClosedException>()
                repeat(2) { shouldThrow<StreamClosedException> { channel.readLine() } }
            }

            test("cancelling it closes the reader, and ends a wait with the cause") {
                val (_, right) = memoryStreamPair()
                val channel = right.reader.toByteReadChannel()
                val waiting = async(start = CoroutineStart.UNDISPATCHED) { runCatching { channel.awaitContent() } }
                val why = IllegalStateException("enough")
                channel.cancel(why)
                val failure = withTimeout(30.seconds) { waiting.await() }.exceptionOrNull()
                failure.shouldBeInstanceOf<IOException>().message shouldBe "enough"
                failure.cause shouldBe why
                channel.isClosedForRead shouldBe true
                shouldThrow<StreamClosedException> { right.reader.read(1) }
            }

            test("it can be copied to another channel, and both ways end where they began") {
                val bytes = Random(3).nextBytes(2 shl 20)
                val (left, right) = memoryStreamPair()
                launch {
                    left.writer.write(bytes)
                    left.writer.writeEof()
                }
                val between = ByteChannel()
                launch {
                    right.reader.toByteReadChannel().copyTo(between)
                    between.flushAndClose()
                }
                withTimeout(60.seconds) { between.asStreamReader().read() } shouldBe bytes
            }
        }
    })

/** How a Ktor channel ends under a reader, and what the reader makes of it. */
private enum class ChannelEnd(
    val happen: suspend (ByteChannel, StreamReader) -> Unit,
    val check: (Any) -> Unit,
) {
    IN_ORDER({ channel, _ -> channel.flushAndClose() }, { it shouldBe "" }),
    BY_THE_READER({ _, reader -> reader.close() }, { it.shouldBeInstanceOf<StreamClosedException>() }),
    BY_A_RESET(
        { channel, _ -> channel.cancel(SocketException("Connection reset")) },
        { it.shouldBeInstanceOf<ConnectionResetException>().message shouldBe "the byte channel was lost: Connection reset" },
    ),
    WITHOUT_A_REASON({ channel, _ -> channel.cancel() }, { it.shouldBeInstanceOf<ConnectionResetException>() }),
    BY_A_CANCELLATION({
        channel,
        _,
        ->
        channel.cancel(CancellationException("gone"))
    }, { it.shouldBeInstanceOf<StreamClosedException>() }),
    BY_A_CLOSED_SELECTOR({
        channel,
        _,
        ->
        channel.cancel(ClosedSelectorException())
    }, { it.shouldBeInstanceOf<StreamClosedException>() }),
    BY_A_SELECTOR_THAT_REFUSES(
        { channel, _ -> channel.cancel(ClosedSendChannelException("selector closed")) },
        { it.shouldBeInstanceOf<StreamClosedException>() },
    ),
    BY_A_CLOSED_SOCKET({
        channel,
        _,
        ->
        channel.cancel(ClosedChannelException())
    }, { it.shouldBeInstanceOf<StreamClosedException>() }),
}

/** What was read as text, or the exception; a cancellation of the caller is none of these. */
private suspend fun outcomeOf(reader: StreamReader): Any =
    try {
        withTimeout(30.seconds) { reader.read(10) }.decodeToString()
    } catch (e: Exception) {
        currentCoroutineContext().ensureActive()
        e
    }

/** Hides what only Ktor's own channel can do. */
private class HiddenChannel(
    inner: ByteWriteChannel,
) : ByteWriteChannel by inner
