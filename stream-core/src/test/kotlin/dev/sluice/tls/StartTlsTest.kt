package dev.sluice.tls

import dev.sluice.Connection
import dev.sluice.InfoKey
import dev.sluice.StreamClosedException
import dev.sluice.StreamWriter
import dev.sluice.TlsHandshakeTimeoutException
import dev.sluice.testing.memoryTransportPair
import dev.sluice.testing.tls.TestAuthority
import dev.sluice.transport.Transport
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import java.nio.ByteBuffer
import javax.net.ssl.SSLException
import javax.net.ssl.SSLHandshakeException
import kotlin.time.Duration.Companion.milliseconds

private fun connections(): Pair<Connection, Connection> = memoryTransportPair().let { (a, b) -> Connection(a) to Connection(b) }

/** Both sides upgrade. */
private suspend fun upgrade(
    client: Connection,
    server: Connection,
    clientOptions: TlsOptions = clientTls(),
    serverOptions: TlsOptions = serverTls(),
) = coroutineScope {
    launch { server.startTls(serverOptions) }
    client.startTls(clientOptions)
}

internal class StartTlsTest : FunSpec({
    test("T-050 reader, writer and info go on over TLS as the same objects") {
        val (client, server) = connections()
        val (reader, writer) = client
        val info = client.info
        coroutineScope {
            launch {
                server.reader.readLine() shouldBe "STARTTLS"
                server.writer.write("OK\n")
                server.startTls(serverTls())
                server.reader.readLine() shouldBe "secret"
                server.writer.write("answer\n")
                server.writer.drain()
            }
            writer.write("STARTTLS\n")
            reader.readLine() shouldBe "OK"
            info[InfoKey.TlsProtocol] shouldBe null
            client.startTls(clientTls())
            writer.write("secret\n")
            reader.readLine() shouldBe "answer"
        }
        client.info shouldBeSameInstanceAs info
        info[InfoKey.TlsProtocol] shouldBe "TLSv1.3"
        reader.info[InfoKey.CipherSuite] shouldBe info[InfoKey.CipherSuite]
        client.writer.canWriteEof shouldBe true
    }

    test("T-053 T-054 plain bytes that were slipped in before TLS never get to the reader, on either side") {
        for (attacked in listOf("client", "server")) {
            val (client, server) = connections()
            val (victim, peer) = if (attacked == "client") client to server else server to client
            peer.writer.write("OK\nINJECTED\n")
            victim.reader.readLine() shouldBe "OK"
            val failure = shouldThrow<SSLException> { victim.startTls(if (attacked == "client") clientTls() else serverTls()) }
            failure.message shouldContain "does not speak TLS"
            shouldThrow<SSLException> { victim.reader.readLine() }
            victim.writer.isClosing shouldBe true
        }
    }

    test("T-055 the beginning of the handshake may be in the reader's buffer already") {
        val (a, b) = memoryTransportPair()
        val client = Connection(Prefixed(a, "PROXY me\n"))
        val server = Connection(b)
        coroutineScope {
            val upgraded = async(start = CoroutineStart.UNDISPATCHED) { client.startTls(clientTls()) }
            server.reader.readLine() shouldBe "PROXY me"
            (server.reader.toString()) shouldContain "buffered="
            server.startTls(serverTls())
            upgraded.await()
        }
        client.writer.write("hello\n")
        server.reader.readLine() shouldBe "hello"
    }

    test("T-056 what was written before goes out first, in plain, and what is written meanwhile comes after it") {
        val (client, server) = connections()
        val much = ByteArray(1 shl 20) { it.toByte() }
        coroutineScope {
            client.writer.write(much)
            launch(start = CoroutineStart.UNDISPATCHED) { client.startTls(clientTls()) }
            client.writer.write("and more\n")
            server.reader.readExactly(much.size) shouldBe much
            // Written before the upgrade had the output.
            server.reader.readLine() shouldBe "and more"
            server.startTls(serverTls())
        }
        client.writer.write("secret\n")
        server.reader.readLine() shouldBe "secret"
    }

    test("what is written during the handshake is encrypted") {
        val (client, server) = connections()
        coroutineScope {
            launch(start = CoroutineStart.UNDISPATCHED) { client.startTls(clientTls()) }
            client.writer.write("early bird\n")
            server.startTls(serverTls())
            server.reader.readLine() shouldBe "early bird"
        }
    }

    test("T-057 there is no upgrade while another coroutine reads or drains, and both go on") {
        val (client, server) = connections()
        coroutineScope {
            val reading = async(start = CoroutineStart.UNDISPATCHED) { client.reader.readLine() }
            shouldThrow<IllegalStateException> { client.startTls(clientTls()) }
            server.writer.write("plain\n")
            reading.await() shouldBe "plain"
            client.writer.write(ByteArray(1 shl 20))
            val draining = launch(start = CoroutineStart.UNDISPATCHED) { client.writer.drain() }
            shouldThrow<IllegalStateException> { client.startTls(clientTls()) }.message shouldContain "drains"
            server.reader.readExactly(1 shl 20).size shouldBe (1 shl 20)
            draining.join()
        }
        upgrade(client, server)
    }

    test("T-052 T-059 a client without a host to verify, and options that can't be met, leave the connection as it was") {
        val (client, server) = connections()
        val noHost =
            TlsOptions {
                context = clientContext
                role = TlsOptions.Role.CLIENT
            }
        shouldThrow<IllegalArgumentException> { client.startTls(noHost) }.message shouldContain "serverHostname"
        shouldThrow<IllegalArgumentException> { client.startTls(clientTls { protocols = listOf("TLSv9") }) }.message shouldContain
            "TLSv9"
        shouldThrow<IllegalArgumentException> {
            client.startTls(
                clientTls { cipherSuites = listOf("NONE") },
            )
        }.message shouldContain
            "NONE"
        client.writer.write("still plain\n")
        server.reader.readLine() shouldBe "still plain"
        upgrade(client, server)
    }

    test("T-058 a client that does not trust the server closes the connection, and both sides know why") {
        val (client, server) = connections()
        coroutineScope {
            val serving = async { runCatching { server.startTls(serverTls()) } }
            val stranger = clientTls { context = TestAuthority("Another CA").context() }
            val failure = shouldThrow<SSLHandshakeException> { client.startTls(stranger) }
            failure.message shouldContain "not trusted"
            shouldThrow<SSLHandshakeException> { client.reader.readLine() }
            shouldThrow<SSLHandshakeException> { client.writer.drain() }
            shouldThrow<SSLHandshakeException> { client.awaitClosed() }
            val refused = serving.await().exceptionOrNull()!!
            (refused is SSLHandshakeException) shouldBe true
            refused.message shouldContain "does not accept the certificate"
        }
    }

    test("T-059 a handshake that takes too long ends in its own exception, and the connection is closed") {
        val (client, server) = connections()
        val failure =
            shouldThrow<TlsHandshakeTimeoutException> { client.startTls(clientTls { handshakeTimeout = 50.milliseconds }) }
        failure.message shouldContain "50ms"
        shouldThrow<TlsHandshakeTimeoutException> { client.reader.readLine() }
        server.reader.read().isNotEmpty() shouldBe true
    }

    test("T-059 a cancelled handshake closes the connection") {
        val (client, server) = connections()
        coroutineScope {
            launch(start = CoroutineStart.UNDISPATCHED) { client.startTls(clientTls()) }.cancelAndJoin()
        }
        shouldThrow<StreamClosedException> { client.reader.readLine() }
        shouldThrow<StreamClosedException> { client.writer.drain() }
        client.awaitClosed()
        // A ClientHello, and the end.
        server.reader.read().first() shouldBe 22
    }

    test("a close or an abort ends a handshake that is under way") {
        for (end in listOf<(Connection) -> Unit>({ it.close() }, { it.abort() })) {
            val (client, _) = connections()
            coroutineScope {
                val upgrading = async(start = CoroutineStart.UNDISPATCHED) { runCatching { client.startTls(clientTls()) } }
                end(client)
                (upgrading.await().exceptionOrNull() is StreamClosedException) shouldBe true
            }
            client.awaitClosed()
        }
    }

    test("what was written during a handshake that a close ended is lost, and that is said") {
        val (client, _) = connections()
        coroutineScope {
            val upgrading = async(start = CoroutineStart.UNDISPATCHED) { runCatching { client.startTls(clientTls()) } }
            client.writer.write("early bird")
            client.close()
            (upgrading.await().exceptionOrNull() is StreamClosedException) shouldBe true
        }
        shouldThrow<StreamClosedException> { client.awaitClosed() }
    }

    test("T-058 after a failed handshake a close of this side counts as on any stream") {
        val (client, _) = connections()
        val handshake = clientTls { handshakeTimeout = 50.milliseconds }
        shouldThrow<TlsHandshakeTimeoutException> { client.startTls(handshake) }
        shouldThrow<TlsHandshakeTimeoutException> { client.writer.write("lost") }
        client.close()
        shouldThrow<StreamClosedException> { client.reader.read() }
        shouldThrow<TlsHandshakeTimeoutException> { client.awaitClosed() }
    }

    test("T-061 after a close there is no upgrade, and after the peer's end none succeeds") {
        val (client, server) = connections()
        server.close()
        val failure = shouldThrow<SSLHandshakeException> { client.startTls(clientTls()) }
        failure.message shouldContain "closed the connection during it"
        val (other, _) = connections()
        other.close()
        shouldThrow<StreamClosedException> { other.startTls(clientTls()) }
    }

    test("T-062 TLS goes inside TLS, and info shows the inner session") {
        val (client, server) = connections()
        upgrade(
            client,
            server,
            clientTls { applicationProtocols = listOf("outer") },
            serverTls {
                applicationProtocols =
                    listOf("outer")
            },
        )
        client.info[InfoKey.ApplicationProtocol] shouldBe "outer"
        val outer = client.info[InfoKey.TlsSession]
        upgrade(client, server)
        client.info[InfoKey.ApplicationProtocol] shouldBe null
        (client.info[InfoKey.TlsSession] === outer) shouldBe false
        val much = ByteArray(300_000) { (it * 7).toByte() }
        coroutineScope {
            launch {
                client.writer.write(much)
                client.writer.drain()
                client.close()
                client.awaitClosed()
            }
            server.reader.read() shouldBe much
            server.close()
            server.awaitClosed()
        }
    }

    test("a writer that is no half of a connection can't be upgraded") {
        val (a, _) = memoryTransportPair()
        shouldThrow<UnsupportedOperationException> { StreamWriter(a).startTls(clientTls()) }
    }
})

/** Sends [prefix] in one piece with the first bytes. */
private class Prefixed(
    private val inner: Transport,
    prefix: String,
) : Transport by inner {
    private var prefix: ByteArray? = prefix.toByteArray()

    override fun tryWrite(from: ByteBuffer): Int {
        val first = prefix ?: return inner.tryWrite(from)
        prefix = null
        val count = from.remaining()
        val rest = ByteArray(count).also { from.get(it) }
        val both = ByteBuffer.wrap(first + rest)
        check(inner.tryWrite(both) == both.capacity())
        return count
    }
}
