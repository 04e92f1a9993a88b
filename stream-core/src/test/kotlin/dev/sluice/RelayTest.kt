@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.sluice

import dev.sluice.testing.FaultyTransport
import dev.sluice.testing.memoryStreamPair
import dev.sluice.testing.memoryTransportPair
import dev.sluice.testing.scriptedConnection
import dev.sluice.transport.Transport
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.longs.shouldBeGreaterThanOrEqual
import io.kotest.matchers.longs.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runCurrent

internal class RelayTest : FunSpec({
    readerTest("both directions are passed on, ends one by one, and then both are closed") {
        val (client, first) = memoryStreamPair()
        val (second, server) = memoryStreamPair()
        val relaying = async { relay(first, second) }
        client.writer.write("question")
        client.writer.writeEof()
        server.reader.read().latin1 shouldBe "question"
        server.writer.write("the answer")
        client.reader.readExactly(10).latin1 shouldBe "the answer"
        server.writer.write(" and more")
        server.writer.writeEof()
        client.reader.read().latin1 shouldBe " and more"
        val (there, back) = relaying.await()
        there.bytes shouldBe 8
        there.failure shouldBe null
        back.bytes shouldBe 19
        back.failure shouldBe null
        first.writer.isClosing shouldBe true
        second.writer.isClosing shouldBe true
        relaying.await().toString() shouldBe "RelayResult(8 bytes there, 19 bytes back)"
    }

    readerTest("peers that keep to their scripts do so through it") {
        scriptedConnection({
            reply("GET /\n")
            expect("200 ok\n")
            reply("BYE\n")
            eof()
            expectEof()
        }) { first ->
            scriptedConnection({
                expect("GET /\n")
                reply("200 ok\n")
                expect("BYE\n")
                expectEof()
            }) { second -> relay(first, second).firstToSecond.bytes shouldBe 10 }
        }
    }

    readerTest("neither side is read faster than the other one takes it") {
        val (client, first) = memoryStreamPair(capacity = 1_000)
        val (secondTransport, serverTransport) = memoryTransportPair(capacity = 1_000)
        val second = Connection(secondTransport)
        val relaying = async { relay(first, second) }
        client.writer.write(patternBytes(1_000_000))
        client.writer.writeEof()
        runCurrent()
        second.writer.pending shouldBeLessThanOrEqual READ_SIZE.toLong()
        client.writer.pending shouldBeGreaterThanOrEqual 1_000_000 - 3_000 - 2L * READ_SIZE
        val server = Connection(serverTransport)
        server.reader.read() shouldBe patternBytes(1_000_000)
        server.writer.writeEof()
        relaying.await().firstToSecond.bytes shouldBe 1_000_000
    }

    readerTest("a reset of one is a reset of the other, and told with the bytes before it") {
        for (isFirst in listOf(true, false)) {
            val (client, first) = memoryStreamPair()
            val (second, server) = memoryStreamPair()
            val relaying = async { if (isFirst) relay(first, second) else relay(second, first) }
            client.writer.write("partial")
            server.reader.readExactly(7).latin1 shouldBe "partial"
            client.abort()
            shouldThrow<ConnectionResetException> { server.reader.read() }
            val result = relaying.await()
            val there = if (isFirst) result.firstToSecond else result.secondToFirst
            val back = if (isFirst) result.secondToFirst else result.firstToSecond
            there.bytes shouldBe 7
            there.failure.shouldBeInstanceOf<ConnectionResetException>()
            back.failure
                .shouldBeInstanceOf<StreamClosedException>()
                .causes
                .first()
                .shouldBeInstanceOf<ConnectionResetException>()
        }
    }

    readerTest("a reset that is met in writing is one, too") {
        val (client, first) = memoryStreamPair()
        val (below, server) = memoryTransportPair()
        val relaying = async { relay(first, Connection(FaultyTransport(below) { resetAtByteWritten = 4 })) }
        client.writer.write("12345678")
        val result = relaying.await()
        result.firstToSecond.failure.shouldBeInstanceOf<ConnectionResetException>()
        shouldThrow<ConnectionResetException> { client.reader.read() }
        val seen = Connection(server).reader
        seen.readExactly(4).latin1 shouldBe "1234"
        shouldThrow<ConnectionResetException> { seen.read(1) }
    }

    readerTest("a connection that others close on this side ends it, and what was passed on to it arrives") {
        val (client, first) = memoryStreamPair(capacity = 3)
        val (second, server) = memoryStreamPair()
        val relaying = async { relay(first, second) }
        client.writer.write("up")
        server.reader.readExactly(2).latin1 shouldBe "up"
        server.writer.write("last words")
        runCurrent()
        first.close()
        server.reader.read().latin1 shouldBe ""
        val (up, down) = relaying.await()
        client.reader.read().latin1 shouldBe "last words"
        up.failure shouldBe null
        down.failure shouldBe null
    }

    readerTest("what comes for one that was closed on this side is lost, and its sender learns of it") {
        val (client, first) = memoryStreamPair(capacity = 3)
        val (second, server) = memoryStreamPair()
        server.writer.write("last words")
        val relaying = async { relay(first, second) }
        runCurrent()
        first.close()
        server.writer.write("too late")
        relaying.await()
        client.reader.read().latin1 shouldBe "last words"
    }

    readerTest("cancelling it aborts both") {
        val (client, first) = memoryStreamPair()
        val (second, server) = memoryStreamPair()
        val relaying = launch { relay(first, second) }
        runCurrent()
        relaying.cancelAndJoin()
        first.writer.isClosing shouldBe true
        second.writer.isClosing shouldBe true
        shouldThrow<ConnectionResetException> { client.reader.read() }
        shouldThrow<ConnectionResetException> { server.reader.read() }
    }

    readerTest("misuse ends it with its exception, and both connections") {
        val (client, first) = memoryStreamPair()
        val (second, server) = memoryStreamPair()
        val reading = async { runCatching { first.reader.read() } }
        runCurrent()
        shouldThrow<IllegalStateException> { relay(first, second) }
        reading.await().exceptionOrNull().shouldBeInstanceOf<StreamClosedException>()
        shouldThrow<ConnectionResetException> { client.reader.read() }
        shouldThrow<ConnectionResetException> { server.reader.read() }
    }

    readerTest("where an output can't end alone the connection is closed, and that is no failure") {
        val (client, first) = memoryStreamPair()
        val (below, there) = memoryTransportPair()
        val second = Connection(EndsAsOne(below))
        val server = Connection(there)
        val relaying = async { relay(first, second) }
        server.writer.write("greeting")
        client.reader.readExactly(8).latin1 shouldBe "greeting"
        client.writer.write("bye")
        client.writer.writeEof()
        server.reader.read().latin1 shouldBe "bye"
        client.reader.read().latin1 shouldBe ""
        val (up, down) = relaying.await()
        up.failure shouldBe null
        down.failure shouldBe null
        down.bytes shouldBe 8
    }
})

/** As TLS 1.2: the output ends with the connection. */
private class EndsAsOne(
    private val inner: Transport,
) : Transport by inner {
    override val canWriteEof: Boolean get() = false

    override fun writeEof(): Unit = throw UnsupportedOperationException()
}
