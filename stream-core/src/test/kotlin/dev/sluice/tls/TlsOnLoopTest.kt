package dev.sluice.tls

import dev.sluice.Connection
import dev.sluice.ConnectionResetException
import dev.sluice.StreamClosedException
import dev.sluice.testing.memoryTransportPair
import dev.sluice.transport.LoopTransport
import dev.sluice.transport.LossListener
import dev.sluice.transport.Transport
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempfile
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.coroutines.resume

private class OnLoop(
    val loop: HandLoop,
    client: Transport,
    server: Transport,
) {
    val client = Connection(client)
    val server = Connection(server)
}

private suspend fun onLoop(): OnLoop {
    val (a, b) = memoryTransportPair()
    val loop = HandLoop(a)
    val (client, server) = (loop to b).withTls()
    client.shouldBeInstanceOf<LoopTransport>()
    loop.writes = 0
    return OnLoop(loop, client, server)
}

internal class TlsOnLoopTest : FunSpec({
    test("what is written in one turn of the loop leaves as one record at its end") {
        val pair = onLoop()
        repeat(3) { pair.client.writer.write("abc") }
        pair.loop.writes shouldBe 0
        pair.loop.endTurn()
        pair.loop.writes shouldBe 1
        pair.server.reader
            .readExactly(9)
            .decodeToString() shouldBe "abcabcabc"
    }

    test("a reader waits for the loop, and is told of a close") {
        val pair = onLoop()
        coroutineScope {
            val reading = async(start = CoroutineStart.UNDISPATCHED) { pair.client.reader.readLine() }
            pair.server.writer.write("hello\n")
            reading.await() shouldBe "hello"
            val waiting = async(start = CoroutineStart.UNDISPATCHED) { runCatching { pair.client.reader.readLine() } }
            pair.client.close()
            waiting.await().exceptionOrNull().shouldBeInstanceOf<StreamClosedException>()
            pair.server.reader
                .read()
                .size shouldBe 0
            pair.server.close()
            pair.client.awaitClosed()
        }
    }

    test("a transport that was closed while nobody waited lets nobody wait") {
        val (a, b) = memoryTransportPair()
        val (client, _) = (HandLoop(a) to b).withTls()
        client.close()
        shouldThrow<StreamClosedException> { client.awaitReadable() }
        shouldThrow<StreamClosedException> { Connection(client).reader.read(1) }
    }

    test("a file goes through the engine") {
        val pair = onLoop()
        val bytes = ByteArray(300_000) { (it * 11).toByte() }
        val file = tempfile().apply { writeBytes(bytes) }
        coroutineScope {
            val received = async(Dispatchers.Default) { pair.server.reader.readExactly(bytes.size) }
            pair.client.writer.sendFile(file.toPath()) shouldBe bytes.size
            received.await() shouldBe bytes
        }
        pair.loop.transfers shouldBe 0
    }

    test("the end of the loop is heard through TLS") {
        val pair = onLoop()
        pair.loop.listener!!.lost(ConnectionResetException("the loop is gone"))
        shouldThrow<ConnectionResetException> { pair.client.writer.drain() }
    }
})

/** A loop that a test turns by hand, over [inner]; every thread is its own. */
private class HandLoop(
    private val inner: Transport,
) : LoopTransport,
    Transport by inner {
    private val tasks = ConcurrentLinkedQueue<Runnable>()
    private var waiting: CancellableContinuation<Unit>? = null
    private var wait: Job? = null
    var writes = 0
    var transfers = 0
    var listener: LossListener? = null

    override val isInLoop: Boolean get() = true

    override fun afterTurn(task: Runnable) {
        tasks.add(task)
    }

    fun endTurn() {
        while (true) (tasks.poll() ?: break).run()
    }

    /** As a loop's do it: who waits later takes the place of who waited before. */
    override suspend fun awaitReadable() {
        wakeReader()
        inner.awaitReadable()
    }

    override fun wakeReader() {
        wait?.cancel()
        waiting?.takeIf { it.isActive }?.resume(Unit)
        waiting = null
    }

    override fun resumeWhenReadable(waiting: CancellableContinuation<Unit>) {
        this.waiting = waiting
        val wait =
            CoroutineScope(Dispatchers.Unconfined).launch {
                inner.awaitReadable()
                if (waiting.isActive) waiting.resume(Unit)
            }
        this.wait = wait
        waiting.invokeOnCancellation { wait.cancel() }
    }

    override fun tryWrite(from: ByteBuffer): Int {
        writes++
        return inner.tryWrite(from)
    }

    override fun tryWrite(
        from: Array<ByteBuffer>,
        count: Int,
    ): Long = (0 until count).sumOf { tryWrite(from[it]).toLong() }

    override fun tryTransfer(
        file: FileChannel,
        position: Long,
        count: Long,
    ): Long = 0L.also { transfers++ }

    override fun whenLost(listener: LossListener) {
        this.listener = listener
    }

    override suspend fun awaitReleased() = Unit
}
