package dev.sluice.tls

import dev.sluice.Connection
import dev.sluice.testing.memoryTransportPair
import dev.sluice.transport.Transport
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.nio.ByteBuffer
import javax.net.ssl.SSLEngine
import javax.net.ssl.SSLException

/** How many requests in a row, without any data, are taken. */
private const val MOST = 1000

private const val REFUSAL = "the peer asks for new TLS keys over and over"

/** A TLS 1.3 client that asks for new keys whenever a test wants it to, which transports never do by themselves. */
private class KeyChanger(
    private val below: Transport,
) {
    private val engine: SSLEngine = clientTls { protocols = listOf(TLS_1_3) }.newEngine(true, "localhost", 0)
    private val input = TlsInput(engine, below, ByteArray(0))
    private val output = TlsOutput(engine, below)

    suspend fun shakeHands() = TlsHandshake(engine, below, input, output).run()

    suspend fun askForKeys() {
        if (input.ended) return
        // In an established session of TLS 1.3 the JDK takes this for a wish for new keys.
        engine.beginHandshake()
        output.speak()
        flush()
    }

    suspend fun write(data: ByteArray) {
        val rest = ByteBuffer.wrap(data)
        while (rest.hasRemaining()) {
            output.tryWrite(arrayOf(rest), 1)
            flush()
        }
    }

    /** What has come by now. */
    fun read(): ByteArray {
        val into = ByteBuffer.allocate(100_000)
        while (input.tryRead(into) > 0) {
            // There may be more.
        }
        return into.array().copyOf(into.position())
    }

    suspend fun readExactly(count: Int): ByteArray {
        var all = ByteArray(0)
        while (all.size < count) {
            val some = read()
            if (some.isEmpty()) below.awaitReadable()
            all += some
        }
        return all
    }

    private suspend fun flush() {
        while (!output.tryFlush()) below.awaitWritable()
    }
}

/** Counts what is written. */
private class Metered(
    private val inner: Transport,
) : Transport by inner {
    @Volatile
    var written = 0

    @Volatile
    var writes = 0

    override fun tryWrite(from: ByteBuffer): Int {
        writes++
        return inner.tryWrite(from).also { written += it }
    }
}

private class Flooded(
    val peer: KeyChanger,
    val transport: Transport,
    val below: Metered,
) {
    val connection = Connection(transport)
}

private suspend fun flooded(capacity: Int = 64 * 1024): Flooded =
    coroutineScope {
        val (a, b) = memoryTransportPair(capacity)
        val below = Metered(b)
        val peer = KeyChanger(a)
        val shaken = async(Dispatchers.Default) { peer.shakeHands() }
        val transport = below.withTls(serverTls())
        shaken.await()
        below.written = 0
        below.writes = 0
        Flooded(peer, transport, below)
    }

internal class KeyUpdateFloodTest : FunSpec({
    test(
        "requests for new keys are answered one by one by a side that only reads, and data between them lets more of them pass",
    ) {
        val pair = flooded()
        repeat(3) { round ->
            coroutineScope {
                val reading = async(Dispatchers.Unconfined) { pair.connection.reader.readExactly(1) }
                repeat(MOST) { pair.peer.askForKeys() }
                pair.peer.write(byteArrayOf(round.toByte()))
                reading.await() shouldBe byteArrayOf(round.toByte())
            }
            pair.below.writes shouldBe MOST
            pair.peer.read() shouldBe ByteArray(0)
            pair.below.writes = 0
        }
        pair.connection.writer.write("still here")
        pair.peer.read().decodeToString() shouldBe "still here"
    }

    test("one request more, in a row, is refused, and every read says so") {
        val pair = flooded()
        coroutineScope {
            val reading = async(Dispatchers.Unconfined) { runCatching { pair.connection.reader.read(1) } }
            repeat(MOST) { pair.peer.askForKeys() }
            reading.isActive shouldBe true
            pair.peer.askForKeys()
            (reading.await().exceptionOrNull() as SSLException).message shouldBe REFUSAL
        }
        shouldThrow<SSLException> { pair.connection.reader.read(1) }.message shouldBe REFUSAL
        shouldThrow<SSLException> {
            pair.connection.writer.write("x")
            pair.connection.writer.drain()
        }.message shouldBe REFUSAL
        buffersOf(pair.transport) shouldBe emptyList()
    }

    test("a peer that sends tens of thousands of requests and reads none of the answers is soon heard no more") {
        val pair = flooded(capacity = 1024)
        withContext(Dispatchers.Default) {
            val flood = launch { repeat(50_000) { pair.peer.askForKeys() } }
            shouldThrow<SSLException> { pair.connection.reader.read(1) }.message shouldBe REFUSAL
            pair.below.written shouldBeLessThan 1025
            flood.cancel()
        }
        pair.connection.abort()
    }

    test("nor does data between the requests help a peer that reads none of the answers") {
        val pair = flooded(capacity = 1024)
        withContext(Dispatchers.Default) {
            val flood =
                launch {
                    repeat(50_000) {
                        pair.peer.askForKeys()
                        pair.peer.write(byteArrayOf(1))
                    }
                }
            var read = 0
            val failure =
                shouldThrow<SSLException> {
                    while (true) {
                        read +=
                            pair.connection.reader
                                .read(100)
                                .size
                    }
                }
            failure.message shouldBe REFUSAL
            // Besides those that there was room for.
            read shouldBeInRange MOST..MOST + 1024 / 27 + 2
            flood.cancel()
        }
        pair.connection.abort()
    }

    test("answers that meet what the other side writes, and its end, harm neither") {
        repeat(20) {
            val pair = flooded(capacity = 4096)
            val much = ByteArray(300_000) { (it * 7).toByte() }
            withContext(Dispatchers.Default) {
                launch {
                    pair.connection.reader.readExactly(2000) shouldBe ByteArray(2000) { 1 }
                }
                launch {
                    pair.connection.writer.write(much)
                    pair.connection.writer.drain()
                    pair.connection.writer.writeEof()
                }
                var received = ByteArray(0)
                repeat(2000) {
                    pair.peer.askForKeys()
                    pair.peer.write(byteArrayOf(1))
                    received += pair.peer.read()
                }
                received += pair.peer.readExactly(much.size - received.size)
                received shouldBe much
            }
            pair.connection.abort()
        }
    }
})
