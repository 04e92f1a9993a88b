package dev.sluice

import dev.sluice.testing.memoryTransportPair
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.launch
import java.io.IOException
import java.lang.ref.WeakReference
import java.net.SocketAddress
import java.nio.charset.CodingErrorAction
import java.nio.charset.MalformedInputException

internal class ConnectionTest : FunSpec({
    test("what one end writes the other reads, both ways, until the end") {
        val (left, right) = memoryTransportPair()
        val a = Connection(left)
        val b = Connection(right)
        a.writer.write("hello\nworld")
        a.writer.writeEof()
        b.reader.readLine() shouldBe "hello"
        b.reader.readLine() shouldBe "world"
        b.reader.readLine() shouldBe null
        b.reader.atEof shouldBe true
        val big = patternBytes(1_000_000)
        val sending =
            launch {
                b.writer.write(big)
                b.writer.drain()
                b.close()
            }
        a.reader.readExactly(1_000_000) shouldBe big
        sending.join()
        b.awaitClosed()
        a.reader.read() shouldBe ByteArray(0)
        a.close()
        a.awaitClosed()
    }

    test("it comes apart into its reader and its writer") {
        val connection = Connection(ScriptedTransport())
        val (reader, writer) = connection
        reader shouldBeSameInstanceAs connection.reader
        writer shouldBeSameInstanceAs connection.writer
        connection.toString() shouldBe "Connection(StreamReader(buffered=0), StreamWriter(pending=0))"
        connection.close()
    }

    test("W-035 close() wakes a waiting read at once, although the flush is not done") {
        val (left, right) = memoryTransportPair(capacity = 10)
        val a = Connection(left)
        val b = Connection(right)
        val reading = begun { a.reader.readLine() }
        a.writer.write(ByteArray(100))
        a.writer.pending shouldBe 90L
        a.close()
        reading
            .await()
            .exceptionOrNull()
            .shouldBeInstanceOf<StreamClosedException>()
            .message shouldBe
            "the stream was closed by this side"
        shouldThrow<StreamClosedException> { a.reader.read() }
        b.reader.read() shouldBe ByteArray(100)
        a.awaitClosed()
    }

    test("W-035 after close() the input is no longer read: what the peer has sent stays unread") {
        val transport = ScriptedTransport(ScriptedSink(room = 0))
        val connection = Connection(transport)
        connection.writer.write("x")
        transport.feed.feed("unread".toByteArray())
        connection.close()
        shouldThrow<StreamClosedException> { connection.reader.read() }
        transport.feed.pending shouldBe 6
        transport.sink.open()
        connection.awaitClosed()
        transport.aborts shouldBe 0
    }

    test("W-036, W-040 use closes in order, and close after close changes nothing") {
        val (left, right) = memoryTransportPair()
        val a = Connection(left)
        a.use { (reader, writer) ->
            writer.write("bye")
            reader.limit shouldBe DEFAULT_LIMIT
        }
        a.awaitClosed()
        a.close()
        a.awaitClosed()
        val b = Connection(right)
        b.reader.read().decodeToString() shouldBe "bye"
    }

    test("use throws what its block threw, whatever becomes of the connection") {
        val transport = ScriptedTransport().apply { sink.fail(ConnectionResetException("reset")) }
        shouldThrow<IllegalStateException> {
            Connection(transport).use { (_, writer) ->
                writer.write("x")
                error("mine")
            }
        }.message shouldBe "mine"
        transport.aborts shouldBe 1
    }

    test("W-044, W-046 abort() ends both sides with its cause") {
        val transport = ScriptedTransport(ScriptedSink(room = 0))
        val connection = Connection(transport)
        connection.writer.write("dropped")
        val reading = begun { connection.reader.read() }
        val draining = begun { connection.writer.drain() }
        val closed = begun { connection.awaitClosed() }
        val why = IOException("protocol error")
        connection.abort(why)
        transport.aborts shouldBe 1
        reading.await().exceptionOrNull().shouldBeInstanceOf<StreamClosedException>()
        draining
            .await()
            .exceptionOrNull()
            .shouldBeInstanceOf<StreamClosedException>()
            .cause shouldBe why
        closed
            .await()
            .exceptionOrNull()
            .shouldBeInstanceOf<IOException>()
            .message shouldBe "protocol error"
        connection.writer.isClosing shouldBe true
        connection.writer.pending shouldBe 0
    }

    test("W-022, W-025 a reset that the reader meets fails the writer: drain() throws at once, every time") {
        val (left, right) = memoryTransportPair()
        val a = Connection(left)
        Connection(right).abort()
        shouldThrow<ConnectionResetException> { a.reader.read() }
        a.writer.isClosing shouldBe true
        repeat(3) {
            val drain = begun { a.writer.drain() }
            drain.isCompleted shouldBe true
            drain.await().exceptionOrNull().shouldBeInstanceOf<ConnectionResetException>()
        }
        shouldThrow<ConnectionResetException> { a.writer.write("x") }
        shouldThrow<ConnectionResetException> { a.awaitClosed() }
        a.close()
        shouldThrow<ConnectionResetException> { a.awaitClosed() }
        shouldThrow<StreamClosedException> { a.reader.read() }
    }

    test("W-022, W-025 it fails drains that wait, too, and ends their wait for room") {
        val transport = ScriptedTransport(ScriptedSink(room = 0))
        val (reader, writer) = Connection(transport)
        writer.write("x")
        val drain = begun { writer.drain() }
        transport.sink.isAwaited shouldBe true
        transport.feed.fail(ConnectionResetException("reset"))
        shouldThrow<ConnectionResetException> { reader.read() }
        drain.await().exceptionOrNull().shouldBeInstanceOf<ConnectionResetException>()
        transport.sink.isAwaited shouldBe false
        writer.pending shouldBe 0
        writer.close()
    }

    test("W-025 a failure of the reader alone never reaches the writer") {
        val failures =
            listOf<Pair<String, suspend (ScriptedTransport, StreamReader) -> Unit>>(
                "a failed feed" to { transport, reader ->
                    transport.feed.fail(IllegalStateException("parser"))
                    shouldThrow<IOException> { reader.read() }
                },
                "an overrun" to { transport, reader ->
                    transport.feed.feed(ByteArray(100))
                    shouldThrow<LimitOverrunException> { reader.readLine() }
                },
                "an early end" to { transport, reader ->
                    transport.feed.feedEof()
                    shouldThrow<IncompleteReadException> { reader.readExactly(5) }
                },
                "malformed text" to { transport, reader ->
                    transport.feed.feed(byteArrayOf(-1))
                    transport.feed.feedEof()
                    shouldThrow<MalformedInputException> { reader.text(onMalformed = CodingErrorAction.REPORT).read() }
                },
                "its close" to { _, reader ->
                    reader.close()
                    shouldThrow<StreamClosedException> { reader.read() }
                },
            )
        for ((what, failReader) in failures) {
            val transport = ScriptedTransport()
            val (reader, writer) = Connection(transport, limit = 10)
            failReader(transport, reader)
            writer.isClosing shouldBe false
            writer.write(what)
            writer.drain()
            transport.sink.text shouldBe what
            writer.writeEof()
            writer.close()
            writer.awaitClosed()
            transport.aborts shouldBe 0
        }
    }

    test("W-025 reader.close() shuts the input down and leaves writing, the half-close and the close alone") {
        val (left, right) = memoryTransportPair()
        val a = Connection(left)
        val b = Connection(right)
        val reading = begun { a.reader.read() }
        a.reader.close()
        reading.await().exceptionOrNull().shouldBeInstanceOf<StreamClosedException>()
        a.writer.write("still ")
        a.writer.drain()
        a.writer.write("here")
        a.writer.writeEof()
        b.reader.read().decodeToString() shouldBe "still here"
        a.writer.isClosing shouldBe false
        a.close()
        a.awaitClosed()
    }

    test("W-040, W-041 each outcome of awaitClosed(): orderly, aborted, reset, given up") {
        val outcomes =
            listOf<Pair<(ScriptedTransport, Connection) -> Unit, String?>>(
                { _: ScriptedTransport, c: Connection -> c.close() } to null,
                { _: ScriptedTransport, c: Connection -> c.abort() } to null,
                { _: ScriptedTransport, c: Connection -> c.abort(IOException("why")) } to "java.io.IOException: why",
                { t: ScriptedTransport, c: Connection ->
                    t.sink.fail(ConnectionResetException("reset"))
                    c.writer.write("x")
                } to "dev.sluice.ConnectionResetException: reset",
                { t: ScriptedTransport, c: Connection ->
                    t.sink.fail(IOException("broken"))
                    c.writer.write("x")
                    c.close()
                } to "java.io.IOException: broken",
            )
        for ((end, outcome) in outcomes) {
            val transport = ScriptedTransport()
            val connection = Connection(transport)
            val early = begun { connection.awaitClosed() }
            early.isCompleted shouldBe false
            end(transport, connection)
            early.isCompleted shouldBe true
            early.await().exceptionOrNull()?.toString() shouldBe outcome
            runCatching { connection.awaitClosed() }.exceptionOrNull()?.toString() shouldBe outcome
            if (outcome?.contains("Reset") != true) (transport.sink.closes > 0) shouldBe true
            connection.close()
        }
    }

    test("W-047, W-048, W-049 info has the transport's facts, null for others, also after a close, an abort and a loss") {
        val own = InfoKey<Int>("Own")
        val info = FixedInfo(mapOf(InfoKey.PeerAddress to SOMEWHERE, InfoKey.CipherSuite to "TLS_AES", own to 7))
        val ends =
            listOf<(ScriptedTransport, Connection) -> Unit>(
                { _, _ -> },
                { _, connection -> connection.close() },
                { _, connection -> connection.abort() },
                { transport, connection ->
                    transport.sink.fail(ConnectionResetException("reset"))
                    connection.writer.write("x")
                },
            )
        for (end in ends) {
            val transport = ScriptedTransport(info = info)
            val connection = Connection(transport)
            end(transport, connection)
            for (seen in listOf(connection.info, connection.reader.info, connection.writer.info)) {
                seen[InfoKey.PeerAddress] shouldBe SOMEWHERE
                seen[InfoKey.CipherSuite] shouldBe "TLS_AES"
                seen[own] shouldBe 7
                seen[InfoKey.LocalAddress] shouldBe null
                seen[InfoKey.Channel] shouldBe null
                seen[InfoKey.TlsSession] shouldBe null
                seen[InfoKey.PeerCertificates] shouldBe null
                seen[InfoKey.TlsProtocol] shouldBe null
                seen[InfoKey.ApplicationProtocol] shouldBe null
                seen[InfoKey.Process] shouldBe null
                seen[InfoKey.FileDescriptor] shouldBe null
            }
            connection.close()
        }
        StreamWriter(ScriptedSink()).info[InfoKey.PeerAddress] shouldBe null
        StreamReader(StreamFeed()).info[InfoKey.PeerAddress] shouldBe null
    }

    test("W-048 the messages of a connection name its peer") {
        val info = FixedInfo(mapOf(InfoKey.PeerAddress to SOMEWHERE))
        val closed = Connection(ScriptedTransport(info = info))
        closed.close()
        shouldThrow<StreamClosedException> { closed.writer.write("x") }.message shouldBe
            "the stream to $SOMEWHERE was closed by this side"
        val aborted = Connection(ScriptedTransport(info = info))
        aborted.abort()
        shouldThrow<StreamClosedException> { aborted.writer.drain() }.message shouldBe
            "the stream to $SOMEWHERE was aborted by this side"
        val ended = Connection(ScriptedTransport(info = info))
        ended.writer.writeEof()
        shouldThrow<IllegalStateException> { ended.writer.write("x") }.message shouldBe
            "the output of the stream to $SOMEWHERE was ended by writeEof(); nothing can be written after it"
        ended.close()
        // As the client of a Unix socket has one.
        val empty =
            FixedInfo(
                mapOf(
                    InfoKey.PeerAddress to
                        object : SocketAddress() {
                            override fun toString() = ""
                        },
                ),
            )
        val unnamed = Connection(ScriptedTransport(info = empty))
        unnamed.close()
        shouldThrow<StreamClosedException> { unnamed.writer.write("x") }.message shouldBe "the stream was closed by this side"
    }

    test("W-056 the connection lives while its reader is in use, and while its writer is") {
        for (usesReader in listOf(true, false)) {
            val (left, right) = memoryTransportPair()
            val b = Connection(right)

            fun <T> onlyOf(part: (Connection) -> T): T = part(Connection(left))
            if (usesReader) {
                val reader = onlyOf(Connection::reader)
                collectGarbage()
                b.writer.write("to the reader\n")
                reader.readLine() shouldBe "to the reader"
            } else {
                val writer = onlyOf(Connection::writer)
                collectGarbage()
                writer.write("from the writer\n")
                b.reader.readLine() shouldBe "from the writer"
            }
        }
    }

    test("W-056 what was written leaves although nobody holds the connection any more") {
        val (left, right) = memoryTransportPair(capacity = 10)

        fun writeAndForget() {
            Connection(left).run {
                writer.write(patternBytes(100_000))
                close()
            }
        }
        writeAndForget()
        collectGarbage()
        Connection(right).reader.read() shouldBe patternBytes(100_000)
    }
})

/** Returns when unreachable objects were found to be gone. */
private fun collectGarbage() {
    val probe = WeakReference(Any())
    while (probe.get() != null) System.gc()
}
