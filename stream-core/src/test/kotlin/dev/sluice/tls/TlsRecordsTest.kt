package dev.sluice.tls

import dev.sluice.Connection
import dev.sluice.InfoKey
import dev.sluice.isThorough
import dev.sluice.testing.Chunking
import dev.sluice.testing.memoryTransportPair
import dev.sluice.transport.Transport
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import java.io.IOException
import java.nio.ByteBuffer
import java.security.Security
import kotlin.random.Random
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes

private val PATIENCE = 300.milliseconds

/** About as many bytes as a side sends in these tests. */
private const val MOST_SENT = 4000

internal class TlsRecordsTest : FunSpec({
    for (protocol in listOf(TLS_1_3, TLS_1_2)) {
        test("records may come in pieces of any size in $protocol") {
            val data = Random(1).nextBytes(1000)
            for (size in 1..64 step if (isThorough) 1 else 7) {
                val (a, b) = memoryTransportPair(chunking = Chunking.fixed(size)).connected(protocol)
                a.writer.write(data)
                b.reader.readExactly(data.size) shouldBe data
                b.writer.write(data)
                a.reader.readExactly(data.size) shouldBe data
            }
        }

        for (side in listOf("client", "server")) {
            test("what the $side sends may be cut in two at any byte in $protocol") {
                val data = Random(2).nextBytes(300)
                val step = if (isThorough) 1 else 7
                var position = if (isThorough) 0 else (side + protocol).length % step
                do {
                    val (a, b) = memoryTransportPair()
                    val cutting = CutsAt(if (side == "client") b else a, position)
                    val (client, server) = (if (side == "client") a to cutting else cutting to b).connected(protocol)
                    val (from, to) = if (side == "client") client to server else server to client
                    // Two records, so that a cut may be between them as well.
                    repeat(2) { from.writer.write(data) }
                    to.reader.readExactly(600) shouldBe data + data
                    position += step
                } while (cutting.hasCut)
                position shouldBeGreaterThan 900
            }

            test("a byte changed anywhere in what the $side sends in $protocol is an exception and never wrong plain text") {
                val random = Random(7)
                val data = random.nextBytes(3000)
                val changes = if (isThorough) 1000 else 200
                var failures = 0
                withContext(Dispatchers.Default) {
                    repeat(changes) {
                        val (a, b) = memoryTransportPair()
                        val changing = ChangesOne(if (side == "client") a else b, random.nextInt(MOST_SENT))
                        val below = if (side == "client") changing to b else a to changing
                        try {
                            // A changed length has both sides wait for more.
                            val (client, server) =
                                below.withTls(
                                    clientTls {
                                        handshakeTimeout = PATIENCE
                                        protocols = listOf(protocol)
                                    },
                                    serverTls {
                                        handshakeTimeout = PATIENCE
                                        protocols = listOf(protocol)
                                    },
                                )
                            val (from, to) = if (side == "client") client to server else server to client
                            for (part in listOf(0 until 300, 300 until data.size)) {
                                from.tryWrite(ByteBuffer.wrap(data, part.first, part.count())) shouldBe part.count()
                            }
                            from.close()
                            changing.close()
                            val read = withTimeoutOrNull(1.minutes) { Connection(to).reader.read() } ?: error("it hangs")
                            read shouldBe data
                        } catch (_: IOException) {
                            failures++
                        } finally {
                            a.abort()
                            b.abort()
                        }
                    }
                }
                failures shouldBeGreaterThan changes * 7 / 10
            }
        }
    }

    test("J-061 an idle connection holds no buffer, also one that waits") {
        val (a, b) = memoryTransportPair().withTls()
        val size = 100_000
        val left = Connection(a)
        val right = Connection(b)
        coroutineScope {
            val received = async(Dispatchers.Unconfined) { right.reader.readExactly(size) }
            left.writer.write(ByteArray(size))
            received.await().size shouldBe size
            val waiting = launch(Dispatchers.Unconfined) { right.reader.read(1) }
            for (end in listOf(a, b)) buffersOf(end) shouldBe emptyList()
            waiting.cancel()
        }
    }

    test("the beginning of a record takes no more room than it needs, while the rest is waited for") {
        val (below, peer) = memoryTransportPair()
        val engine = serverContext.createSSLEngine().apply { useClientMode = false }
        engine.beginHandshake()
        val input = TlsInput(engine, below, ByteArray(0))
        input.takeRecord() shouldBe false
        roomIn(input) shouldBe null
        peer.tryWrite(ByteBuffer.wrap(byteArrayOf(22, 3, 3)))
        // One takes it in, and the next finds nothing more.
        input.takeRecord() shouldBe true
        input.takeRecord() shouldBe false
        roomIn(input) shouldBe 3
    }

    test("both sides change their keys under load, again and again, and nothing is lost") {
        // The build has the JDK do that after each MiB; left to itself it is after 128 GiB.
        Security.getProperty("jdk.tls.keyLimits") shouldContain "KeyUpdate 2^20"
        val (a, b) = memoryTransportPair().withTls().let { (a, b) -> Connection(a) to Connection(b) }
        val pattern = ByteArray(1 shl 20) { (it * 13).toByte() }
        withContext(Dispatchers.Default) {
            for ((from, to) in listOf(a to b, b to a)) {
                launch {
                    repeat(8) {
                        from.writer.write(pattern)
                        from.writer.drain()
                    }
                }
                launch { repeat(8) { to.reader.readExactly(pattern.size) shouldBe pattern } }
            }
        }
    }

    test("a session is resumed when the same client comes again") {
        val client = clientTls { protocols = listOf(TLS_1_2) }
        val server = serverTls { protocols = listOf(TLS_1_2) }
        val ids =
            List(2) {
                val (a, b) = memoryTransportPair().withTls(client, server).let { (a, b) -> Connection(a) to Connection(b) }
                a.writer.write("x")
                b.reader.readExactly(1)
                a.info[InfoKey.TlsSession]!!.id.toList().also {
                    coroutineScope {
                        launch { b.close() }
                        a.close()
                        a.awaitClosed()
                    }
                }
            }
        ids[0] shouldBe ids[1]
    }
})

/** How much what [input] has received and not decrypted takes; null if it holds nothing. */
private fun roomIn(input: TlsInput): Int? =
    TlsInput::class.java
        .getDeclaredField("packets")
        .apply { isAccessible = true }
        .get(input)
        .let { it as ByteBuffer? }
        ?.capacity()

/** The buffers that [transport] has borrowed, by the names of the fields. */
internal fun buffersOf(transport: Transport): List<String> =
    listOf("input", "output")
        .map {
            TlsTransport::class.java
                .getDeclaredField(it)
                .apply { isAccessible = true }
                .get(transport)
        }.flatMap { half ->
            half.javaClass.declaredFields
                .filter { it.type == ByteBuffer::class.java }
                .map { it to half }
        }.filter { (field, half) -> field.apply { isAccessible = true }.get(half) != null }
        .map { (field, _) -> field.name }

private suspend fun Pair<Transport, Transport>.connected(protocol: String): Pair<Connection, Connection> =
    withTls(clientTls { protocols = listOf(protocol) }, serverTls { protocols = listOf(protocol) })
        .let { (a, b) -> Connection(a) to Connection(b) }

/** What is read stops once, when so many bytes were. */
private class CutsAt(
    private val inner: Transport,
    private var left: Int,
) : Transport by inner {
    var hasCut = false
        private set

    override fun tryRead(into: ByteBuffer): Int {
        if (hasCut) return inner.tryRead(into)
        if (left == 0) {
            hasCut = true
            return 0
        }
        val end = into.limit()
        into.limit(minOf(end, into.position() + left))
        try {
            return inner.tryRead(into).also { left -= maxOf(0, it) }
        } finally {
            into.limit(end)
        }
    }
}

/** Changes the one byte at [position] of what is written. */
private class ChangesOne(
    private val inner: Transport,
    private var position: Int,
) : Transport by inner {
    override fun tryWrite(from: ByteBuffer): Int {
        if (position in 0 until from.remaining()) {
            val at = from.position() + position
            from.put(at, (from.get(at) + 1).toByte())
        }
        val count = inner.tryWrite(from)
        position -= count
        return count
    }
}
