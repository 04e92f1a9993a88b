package dev.sluice.testing

import dev.sluice.Connection
import dev.sluice.ConnectionResetException
import dev.sluice.IncompleteReadException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CoroutineStart.UNDISPATCHED
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.StandardTestDispatcher
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runTest
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** What docs/testing.md tells its readers to write. */
@OptIn(ExperimentalCoroutinesApi::class)
internal class TestingGuideTest : FunSpec({
    test("a protocol with both ends in one test") {
        val (client, server) = memoryStreamPair()
        launch { serve(server) }
        client.writer.write("PING\r\n")
        client.reader.readLine() shouldBe "PONG"
        client.close()
    }

    test("a protocol in all pieces") {
        for (chunking in listOf(Chunking.OneByte, Chunking.fixed(3), Chunking.random(seed = 7))) {
            val (client, server) = memoryStreamPair(capacity = 16, chunking = chunking)
            launch { serve(server) }
            repeat(10) {
                client.writer.write("PING\r\n")
                client.reader.readLine() shouldBe "PONG"
            }
            client.close()
        }
    }

    test("what only reads, however it is cut") {
        val lines = checkChunkingInvariant("a\r\nb\n") { reader -> reader.lines().toList() }
        lines shouldBe listOf("a", "b")
    }

    test("a client and a script") {
        runTest {
            scriptedConnection({
                expect("EHLO x\r\n")
                reply("250 ok\r\n")
                wait(5.seconds)
                fail(ConnectionResetException("the network is gone"))
            }) { connection ->
                connection.writer.write("EHLO x\r\n")
                connection.reader.readLine() shouldBe "250 ok"
                shouldThrow<ConnectionResetException> { connection.reader.readLine() }
            }
        }
    }

    test("two sides that write first wait for each other in lockstep") {
        val (client, server) = lockstepStreamPair()
        client.writer.write("hello\n")
        server.writer.write("hello\n")
        val drains = listOf(client, server).map { launch(start = UNDISPATCHED) { it.writer.drain() } }
        drains.forEach { it.isCompleted shouldBe false }
        client.reader.readLine() shouldBe "hello"
        drains[0].isCompleted shouldBe false
        server.reader.readLine() shouldBe "hello"
    }

    test("a conversation that is cut at each of its bytes") {
        val whole = "PING\r\nPONG\r\n".length
        for (n in 0 until whole) {
            val (inner, server) = memoryTransportPair()
            val client = Connection(FaultyTransport(inner) { resetAtByte = n.toLong() })
            launch { runCatching { serve(Connection(server)) } }
            shouldThrow<ConnectionResetException> {
                client.writer.write("PING\r\n")
                client.writer.drain()
                client.reader.readUntil()
            }
            client.abort()
        }
    }

    test("delays pass in virtual time, those of the background in that of its dispatcher") {
        runTest {
            val (inner, peer) = memoryTransportPair()
            val slow = FaultyTransport(inner) { delay = 5.milliseconds }
            val client = Connection(slow, background = StandardTestDispatcher(testScheduler))
            client.writer.write("PING\r\n")
            client.writer.drain()
            currentTime shouldBe 5
            peer.readText() shouldBe "PING\r\n"
            client.abort()
        }
    }

    test("a peer that hangs up in the middle") {
        val (client, server) = memoryStreamPair()
        server.writer.write("PO")
        server.close()
        shouldThrow<IncompleteReadException> { client.reader.readUntil() }.partial.decodeToString() shouldBe "PO"
        client.close()
    }
})

private suspend fun serve(connection: Connection) {
    for (line in connection.reader) {
        if (line.decodeToString() == "PING\r\n") connection.writer.write("PONG\r\n")
    }
    connection.close()
}
