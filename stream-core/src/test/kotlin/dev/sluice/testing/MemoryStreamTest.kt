package dev.sluice.testing

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CoroutineStart.UNDISPATCHED
import kotlinx.coroutines.async
import kotlinx.coroutines.launch
import java.nio.ByteBuffer

internal class MemoryStreamTest : FunSpec({
    test("a conversation in memory") {
        val (client, server) = memoryStreamPair()
        client.writer.write("ping\n")
        client.writer.drain()
        server.reader.readLine() shouldBe "ping"
        server.writer.write("pong\n")
        server.close()
        client.reader.readLine() shouldBe "pong"
        client.reader.readLine() shouldBe null
        client.close()
    }

    test("capacity and chunking are those of the transports") {
        val (client, server) = memoryStreamPair(capacity = 2, chunking = Chunking.OneByte)
        client.writer.write("abc")
        client.writer.pending shouldBe 1
        server.reader.read(100).decodeToString() shouldBe "a"
    }

    test("drain waits for the reader in lockstep") {
        val (client, server) = lockstepStreamPair()
        client.writer.write("ping\n")
        val sent = async(start = UNDISPATCHED) { client.writer.drain() }
        sent.isCompleted shouldBe false
        server.reader.readLine() shouldBe "ping"
        sent.await()
    }

    test("a lockstep transport takes one write for each wait of its reader") {
        val (a, b) = lockstepTransportPair()
        a.write("too early") shouldBe 0
        val wait = launch(start = UNDISPATCHED) { b.awaitReadable() }
        a.awaitWritable()
        a.write("first") shouldBe 5
        a.write("second") shouldBe 0
        wait.join()
        b.readText() shouldBe "first"
        a.write("second") shouldBe 0
        launch(start = UNDISPATCHED) { b.awaitReadable() }
        a.write("second") shouldBe 6
        b.readText() shouldBe "second"
    }

    test("a reader that begins to wait wakes a lockstep writer, one that gives up takes it back") {
        val (a, b) = lockstepTransportPair()
        val writable = launch(start = UNDISPATCHED) { a.awaitWritable() }
        val readable = launch(start = UNDISPATCHED) { b.awaitReadable() }
        writable.join()
        readable.cancel()
        readable.join()
        a.write("x") shouldBe 0
    }

    test("a lockstep stream ends like any other") {
        val (a, b) = lockstepTransportPair()
        val readable = launch(start = UNDISPATCHED) { b.awaitReadable() }
        a.write("x")
        readable.join()
        a.close()
        b.readText() shouldBe "x"
        b.awaitReadable()
        b.tryRead(ByteBuffer.allocate(1)) shouldBe -1
    }
})
