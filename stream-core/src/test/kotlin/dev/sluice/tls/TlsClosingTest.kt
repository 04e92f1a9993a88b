package dev.sluice.tls

import dev.sluice.CloseTimeoutException
import dev.sluice.Connection
import dev.sluice.ConnectionResetException
import dev.sluice.StreamClosedException
import dev.sluice.TlsShutdownTimeoutException
import dev.sluice.TlsTruncatedException
import dev.sluice.testing.memoryTransportPair
import dev.sluice.transport.Transport
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** Two connections over TLS, and what they are over. */
private class Secured(
    val client: Connection,
    val server: Connection,
    val belowClient: Transport,
    val belowServer: Transport,
)

private suspend fun secured(
    version: String = TLS_1_3,
    shutdownTimeout: Duration = 30.seconds,
    closeTimeout: Duration = 30.seconds,
): Secured {
    val (a, b) = memoryTransportPair()
    val (client, server) =
        (a to b).withTls(
            clientTls {
                protocols = listOf(version)
                this.shutdownTimeout = shutdownTimeout
            },
            serverTls { protocols = listOf(version) },
        )
    return Secured(Connection(client, closeTimeout = closeTimeout), Connection(server), a, b)
}

internal class TlsClosingTest : FunSpec({
    for (version in listOf(TLS_1_3, TLS_1_2)) {
        test("T-030, J-058 $version: an end without close_notify is told after the bytes before it, again and again") {
            val pair = secured(version)
            pair.server.writer.write("half of it")
            pair.belowServer.close()
            val reader = pair.client.reader
            shouldThrow<TlsTruncatedException> { reader.readExactly(100) }
            shouldThrow<TlsTruncatedException> { reader.read() }
            shouldThrow<TlsTruncatedException> { reader.readLine() }.message shouldContain "close_notify"
            reader.read(100).decodeToString() shouldBe "half of it"
            repeat(2) { shouldThrow<TlsTruncatedException> { reader.read(1) } }
            reader.atEof shouldBe false
        }

        test("T-031 $version: a reset is told after the bytes before it") {
            val pair = secured(version)
            pair.server.writer.write("four")
            pair.client.reader
                .readExactly(1)
                .decodeToString() shouldBe "f"
            pair.belowServer.abort()
            pair.client.reader
                .readExactly(3)
                .decodeToString() shouldBe "our"
            shouldThrow<ConnectionResetException> { pair.client.reader.read(1) }
        }

        test("T-033, T-037 $version: close delivers everything, then close_notify, and awaits the peer's") {
            val pair = secured(version)
            val much = ByteArray(4 shl 20) { (it * 31).toByte() }
            coroutineScope {
                pair.client.writer.write(much)
                pair.client.close()
                val closed = launch(start = CoroutineStart.UNDISPATCHED) { pair.client.awaitClosed() }
                pair.server.reader.read() shouldBe much
                pair.server.reader.atEof shouldBe true
                closed.isActive shouldBe true
                pair.server.close()
                closed.join()
                pair.server.awaitClosed()
            }
        }

        test("T-034 $version: after the own close_notify the peer's is not missed") {
            val pair = secured(version)
            pair.client.close()
            pair.server.reader.read() shouldBe ByteArray(0)
            pair.belowServer.close()
            pair.client.awaitClosed()
        }

        test("T-035 $version: a peer that never answers is not waited for longer than shutdownTimeout") {
            val pair = secured(version, shutdownTimeout = 50.milliseconds)
            pair.client.close()
            shouldThrow<TlsShutdownTimeoutException> { pair.client.awaitClosed() }.message shouldContain "50ms"
            shouldThrow<StreamClosedException> { pair.client.reader.read(1) }
            shouldThrow<StreamClosedException> { pair.belowClient.tryWrite(ByteBuffer.allocate(1)) }
        }

        test("T-036 $version: what still comes after the own close is dropped, and is no error") {
            val pair = secured(version)
            coroutineScope {
                pair.client.close()
                val closed = async(start = CoroutineStart.UNDISPATCHED) { pair.client.awaitClosed() }
                if (version == TLS_1_3) {
                    repeat(100) {
                        pair.server.writer.write(ByteArray(20_000))
                        pair.server.writer.drain()
                    }
                }
                pair.server.reader.read() shouldBe ByteArray(0)
                pair.server.close()
                closed.await()
            }
        }

        test("T-039 $version: abort sends no close_notify, and a reset") {
            val pair = secured(version)
            pair.client.abort()
            shouldThrow<ConnectionResetException> { pair.server.reader.read(1) }
            pair.client.awaitClosed()
        }

        test("T-040 $version: a record that was changed on its way is told after the bytes before it, and the peer is told") {
            val (a, b) = memoryTransportPair()
            val changing = Changing(b)
            val (client, server) =
                (a to changing).withTls(clientTls { protocols = listOf(version) }, serverTls { protocols = listOf(version) })
            val here = Connection(client)
            val there = Connection(server)
            there.writer.write("good")
            changing.changes = true
            there.writer.write("evil")
            here.reader.readExactly(4).decodeToString() shouldBe "good"
            repeat(2) { shouldThrow<javax.net.ssl.SSLException> { here.reader.read(10) } }
            shouldThrow<javax.net.ssl.SSLException> { there.reader.read(10) }.message shouldContain "bad_record_mac"
            shouldThrow<javax.net.ssl.SSLException> {
                here.writer.write("more")
                here.writer.drain()
            }
        }

        test("T-041 $version: after close a write says that this side has closed the stream") {
            val pair = secured(version)
            pair.client.close()
            shouldThrow<StreamClosedException> { pair.client.writer.write("more") }
        }
    }

    test("T-032, J-057 TLS 1.3: after the peer's end this side goes on writing, and the peer reads it") {
        val pair = secured()
        pair.server.writer.canWriteEof shouldBe true
        pair.server.writer.write("last words")
        pair.server.writer.writeEof()
        pair.client.reader
            .read()
            .decodeToString() shouldBe "last words"
        pair.client.writer.isClosing shouldBe false
        val much = ByteArray(1 shl 20) { it.toByte() }
        coroutineScope {
            launch {
                pair.client.writer.write(much)
                pair.client.writer.drain()
                pair.client.close()
            }
            pair.server.reader.read() shouldBe much
        }
        pair.server.close()
        pair.server.awaitClosed()
        pair.client.awaitClosed()
    }

    test("T-025, T-032 TLS 1.2: the peer's end is that of both directions, and a drain says so") {
        val pair = secured(TLS_1_2)
        pair.server.writer.canWriteEof shouldBe false
        shouldThrow<UnsupportedOperationException> { pair.server.writer.writeEof() }
        pair.server.writer.write("still usable\n")
        pair.client.reader.readLine() shouldBe "still usable"
        pair.server.close()
        pair.client.reader.read() shouldBe ByteArray(0)
        val failure =
            shouldThrow<ConnectionResetException> {
                pair.client.writer.write("lost")
                pair.client.writer.drain()
            }
        failure.message shouldContain "has ended the TLS session"
    }

    test(
        "T-038 a slow peer gets everything as long as it takes something, and one that takes nothing ends the flush at closeTimeout",
    ) {
        val slow = secured(shutdownTimeout = 50.milliseconds)
        val much = ByteArray(300_000) { (it * 3).toByte() }
        slow.client.writer.write(much)
        slow.client.close()
        val read = ByteArrayOutputStream()
        while (read.size() < much.size) {
            // Longer than the limit, between any two reads.
            delay(80.milliseconds)
            read.writeBytes(slow.server.reader.read(50_000))
        }
        read.toByteArray() shouldBe much
        slow.server.reader.read() shouldBe ByteArray(0)
        slow.server.close()
        // Its own close_notify came too late, and took nothing back.
        shouldThrow<TlsShutdownTimeoutException> { slow.client.awaitClosed() }.message shouldContain "did not answer close_notify"

        val stuck = secured(closeTimeout = 50.milliseconds)
        stuck.client.writer.write(much)
        stuck.client.close()
        shouldThrow<CloseTimeoutException> { stuck.client.awaitClosed() }
    }

    test("a drain returns when the records are with the transport below, and not before") {
        val pair = secured()
        val size = 100_000
        coroutineScope {
            pair.client.writer.write(ByteArray(size))
            val drained = launch(start = CoroutineStart.UNDISPATCHED) { pair.client.writer.drain() }
            drained.isCompleted shouldBe false
            pair.server.reader
                .readExactly(size)
                .size shouldBe size
            drained.join()
        }
    }
})

/** Changes the last byte of what is written. */
private class Changing(
    private val inner: Transport,
) : Transport by inner {
    var changes = false

    override fun tryWrite(from: ByteBuffer): Int {
        if (changes) {
            changes = false
            from.put(from.limit() - 1, (from.get(from.limit() - 1) + 1).toByte())
        }
        return inner.tryWrite(from)
    }
}
