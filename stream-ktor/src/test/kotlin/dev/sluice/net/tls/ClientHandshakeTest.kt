package dev.sluice.net.tls

import dev.sluice.ConnectionResetException
import dev.sluice.TlsHandshakeTimeoutException
import dev.sluice.net.ListeningPort
import dev.sluice.net.during
import dev.sluice.net.eventually
import dev.sluice.net.leavingNothing
import dev.sluice.net.openConnection
import dev.sluice.net.port
import dev.sluice.net.receive
import dev.sluice.net.receiveAll
import dev.sluice.net.send
import dev.sluice.net.startServer
import dev.sluice.tls.TlsOptions
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.net.InetSocketAddress
import java.net.StandardSocketOptions
import java.nio.channels.SocketChannel
import javax.net.ssl.SSLException
import javax.net.ssl.SSLHandshakeException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

private const val HANDSHAKE_RECORD: Byte = 22

/** What becomes of a client when the other side does not do its part. */
internal class ClientHandshakeTest :
    FunSpec({
        /** Connects to a peer that is in the hands of the test, which tells how that fails. */
        suspend fun failure(
            tls: TlsOptions = clientTls(),
            peer: (SocketChannel) -> Unit,
        ): Throwable {
            var failure: Throwable? = null
            leavingNothing {
                ListeningPort().use { listener ->
                    coroutineScope {
                        val opening = async { runCatching { openConnection("localhost", listener.port, secureClient(tls)) } }
                        withContext(Dispatchers.IO) { listener.accept().use(peer) }
                        failure = opening.await().exceptionOrNull()
                    }
                }
            }
            return failure!!
        }

        test("T-017 a peer that greets in plain text does not speak TLS") {
            val failure =
                failure {
                    it.send("220 hello\r\n".toByteArray())
                    it.receiveAll()
                }
            failure::class shouldBe SSLException::class
            failure.message shouldContain "localhost"
            failure.message shouldContain "the peer does not speak TLS"
        }

        test("T-018 a peer that leaves during the handshake is told from one that fails it") {
            for (words in listOf(0, 3)) {
                val failure =
                    failure {
                        it.receive(5)
                        it.send(byteArrayOf(22, 3, 3, 0, 80).copyOf(words))
                        it.shutdownOutput()
                        it.receiveAll()
                    }
                failure.shouldBeInstanceOf<SSLHandshakeException>()
                failure.message shouldContain "the peer closed the connection during it"
            }
        }

        test("T-018 a reset during the handshake is one") {
            failure {
                it.receive(5)
                it.setOption(StandardSocketOptions.SO_LINGER, 0)
            }.shouldBeInstanceOf<ConnectionResetException>()
        }

        test("T-019 a peer that says nothing is not waited for longer than handshakeTimeout, which is 60 s") {
            TlsOptions.Default.handshakeTimeout shouldBe 60.seconds
            val failure =
                failure(clientTls { handshakeTimeout = 50.milliseconds }) {
                    it.receiveAll().first() shouldBe HANDSHAKE_RECORD
                }
            failure.shouldBeInstanceOf<TlsHandshakeTimeoutException>()
            failure.message shouldContain "localhost"
            failure.message shouldContain "50ms"
        }

        test("T-021 a caller that is cancelled during the handshake closes the socket") {
            leavingNothing {
                ListeningPort().use { listener ->
                    coroutineScope {
                        val opening = launch { openConnection("localhost", listener.port, secureClient()) }
                        val peer = withContext(Dispatchers.IO) { listener.accept().also { it.receive(5) } }
                        opening.cancelAndJoin()
                        peer.use { withContext(Dispatchers.IO) { it.receiveAll() } }
                    }
                }
            }
        }

        test("C-021 limits that are none are refused when the options are made") {
            for (none in listOf(Duration.ZERO, (-1).seconds)) {
                shouldThrow<IllegalArgumentException> { TlsOptions { handshakeTimeout = none } }.message shouldContain
                    "handshakeTimeout must be positive"
                shouldThrow<IllegalArgumentException> { TlsOptions { shutdownTimeout = none } }.message shouldContain
                    "shutdownTimeout must be positive"
            }
        }

        test("C-022 an adopted channel has no name to check: without serverHostname it is refused, and stays open") {
            startServer("127.0.0.1", 0) { (reader, writer) -> reader.copyTo(writer) }.during { server ->
                SocketChannel.open(InetSocketAddress("127.0.0.1", server.port)).use { channel ->
                    shouldThrow<IllegalArgumentException> { openConnection(channel, secureClient()) }.message shouldContain
                        "serverHostname"
                    channel.send("still there".toByteArray())
                    channel.receive(11).decodeToString() shouldBe "still there"
                }
            }
        }

        test("C-077 when TLS fails on an adopted channel, it is closed") {
            startServer("127.0.0.1", 0, secureServer(serverTls(stranger.issue("localhost")))) {}.during { server ->
                val channel = SocketChannel.open(InetSocketAddress("127.0.0.1", server.port))
                val named = clientTls { serverHostname = "localhost" }
                shouldThrow<SSLHandshakeException> { openConnection(channel, secureClient(named)) }
                eventually("the channel is closed") { !channel.isOpen }
            }
        }
    })
