package dev.sluice.net

import dev.sluice.AllAddressesFailedException
import dev.sluice.ConnectTimeoutException
import dev.sluice.InfoKey
import dev.sluice.StreamClosedException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.throwables.shouldThrowExactly
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.ints.shouldBeGreaterThanOrEqual
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runTest
import java.io.IOException
import java.net.ConnectException
import java.net.Inet4Address
import java.net.InetSocketAddress
import java.net.SocketException
import java.net.StandardSocketOptions
import java.net.UnknownHostException
import java.nio.channels.ClosedChannelException
import java.nio.channels.SocketChannel
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.TimeSource

internal class OpenConnectionTest :
    FunSpec({
        test("C-004, J-001 an empty host is refused before any lookup") {
            val unasked = ConnectOptions { resolver = Resolver { throw AssertionError("was asked for '$it'") } }
            shouldThrowExactly<IllegalArgumentException> { openConnection("", 80, unasked) }.message shouldBe "the host is empty"
        }

        test("C-005, C-006, C-007 a port that is none is refused, whatever the host is, before any lookup") {
            val unasked = ConnectOptions { resolver = Resolver { throw AssertionError("was asked for '$it'") } }
            for (host in listOf("127.0.0.1", "::1", "db.example")) {
                for (port in listOf(70_000, 65_536, 0, -1, Int.MIN_VALUE)) {
                    withClue("$host:$port") {
                        shouldThrowExactly<IllegalArgumentException> { openConnection(host, port, unasked) }
                            .message shouldBe "the port must be from 1 to 65535, not $port"
                    }
                }
            }
        }

        test("C-009 an IPv6 address connects with brackets and without them, and with a zone") {
            ListeningPort("::1").use { server ->
                for (host in listOf("::1", "[::1]", "::1%1", "[::1%1]")) {
                    withClue(host) {
                        val connection = openConnection(host, server.port)
                        connection.info[InfoKey.PeerAddress].shouldBeInstanceOf<InetSocketAddress>().address shouldBe ip("::1")
                        server.accept().close()
                        connection.abort()
                    }
                }
            }
        }

        test("C-030 an address in digits is connected to without a lookup") {
            ListeningPort().use { server ->
                val unasked = ConnectOptions { resolver = Resolver { throw AssertionError("was asked for '$it'") } }
                openConnection("127.0.0.1", server.port, unasked).abort()
            }
        }

        test("C-031 a name is connected to at the address that the resolver knows") {
            ListeningPort("127.0.0.3").use { server ->
                val connection = openConnection("db.example", server.port, ConnectOptions { resolver = always("127.0.0.3") })
                connection.info[InfoKey.PeerAddress] shouldBe InetSocketAddress("127.0.0.3", server.port)
                connection.abort()
            }
        }

        test("C-032 an unknown name is an UnknownHostException with the host") {
            shouldThrowExactly<UnknownHostException> { openConnection("nosuch.invalid", 80) }.message shouldContain
                "nosuch.invalid"
        }

        test("C-033 no address is an UnknownHostException with the host") {
            shouldThrowExactly<UnknownHostException> { openConnection("db", 80, ConnectOptions { resolver = always() }) }
                .message shouldBe "db: no addresses"
        }

        test("C-015 a family of which the host has no address connects to nothing") {
            ListeningPort().use { server ->
                val options = ConnectOptions { family = AddressFamily.IPV6 }
                shouldThrowExactly<UnknownHostException> { openConnection("127.0.0.1", server.port, options) }
                    .message shouldContain "127.0.0.1: no IPV6 address"
                server.acceptNow().shouldBeNull()
            }
        }

        test("C-017 only addresses of the family are tried") {
            RefusingPort().use { port ->
                val dual = always("::1", "127.0.0.1", "127.77.0.1", "::2")
                val options =
                    ConnectOptions {
                        family = AddressFamily.IPV4
                        resolver = dual
                    }
                val failure = shouldThrow<AllAddressesFailedException> { openConnection("db", port.port, options) }
                failure.causes shouldHaveSize 2
                failure.causes[0].message shouldContain "(/127.0.0.1:"
                failure.causes[1].message shouldContain "(/127.77.0.1:"
            }
        }

        test(
            "C-034, J-008 one address that refuses is a ConnectException with host, port and address, and the JDK's as its cause",
        ) {
            RefusingPort().use { (port) ->
                val failure =
                    shouldThrowExactly<ConnectException> {
                        openConnection("db.example", port, ConnectOptions { resolver = always("127.0.0.1") })
                    }
                failure.message shouldBe "Connection refused: db.example:$port (/127.0.0.1:$port)"
                failure.origin().shouldBeInstanceOf<ConnectException>().message shouldBe "Connection refused"
            }
        }

        test("J-008 an address that can't be reached is of the JDK's class and names the address") {
            val failure = shouldThrowExactly<SocketException> { openConnection("224.0.0.1", 9) }
            failure.message shouldContain "224.0.0.1:9 (/224.0.0.1:9)"
            failure.origin().shouldBeInstanceOf<SocketException>().message shouldNotContain "224.0.0.1"
        }

        test("C-035, pain 26 addresses that fail differently are causes of their own, in the order in which they were tried") {
            RefusingPort().use { (port) ->
                val options = ConnectOptions { resolver = always("224.0.0.1", "127.0.0.1", "127.77.0.1") }
                val failure = shouldThrowExactly<AllAddressesFailedException> { openConnection("db", port, options) }
                failure.causes.map { it.javaClass } shouldContainExactly
                    listOf(SocketException::class.java, ConnectException::class.java, ConnectException::class.java)
                failure.causes[0].message shouldContain "db:$port (/224.0.0.1:$port)"
                failure.causes[1].message shouldBe "Connection refused: db:$port (/127.0.0.1:$port)"
                failure.causes[2].message shouldBe "Connection refused: db:$port (/127.77.0.1:$port)"
                failure.message shouldBe
                    "none of 3 addresses could be reached: " + failure.causes.joinToString("; ") { it.message.orEmpty() }
                failure.shouldBeInstanceOf<ConnectException>()
            }
        }

        test("C-039 an address that comes twice is tried once, and fails as one alone") {
            RefusingPort().use { (port) ->
                val options = ConnectOptions { resolver = always("127.0.0.1", "127.0.0.1") }
                shouldThrowExactly<ConnectException> { openConnection("db", port, options) }
            }
        }

        test("C-038, C-042, J-009 a first address that refuses is followed by the second at once, on a channel of its own") {
            shouldGoOnAfter("127.77.0.1")
        }

        test("C-045, C-124 the families take turns unless that is switched off") {
            RefusingPort("::1").use { (port) ->
                suspend fun tried(count: Int): List<String> {
                    val options =
                        ConnectOptions {
                            resolver = always("127.77.0.1", "127.77.0.2", "::1", "::2")
                            interleave = count
                        }
                    return shouldThrow<AllAddressesFailedException> { openConnection("db", port, options) }
                        .causes
                        .map {
                            it.message
                                .orEmpty()
                                .substringAfter("(/")
                                .substringBefore(":$port)")
                        }
                }
                val (v6a, v6b) =
                    listOf(
                        "::1",
                        "::2",
                    ).map { InetSocketAddress(it, port).toString().substring(1).substringBefore(":$port") }
                tried(1) shouldContainExactly listOf("127.77.0.1", v6a, "127.77.0.2", v6b)
                tried(0) shouldContainExactly listOf("127.77.0.1", "127.77.0.2", v6a, v6b)
            }
        }

        test("C-129 a first address without a route is followed by the second at once") {
            shouldGoOnAfter("ff02::1%1")
        }

        test("C-122 what failed before changes no order: the resolver's is kept each time") {
            ListeningPort("127.0.0.2").use { server ->
                val options = ConnectOptions { resolver = always("127.77.0.1", "127.0.0.2") }
                openConnection("db", server.port, options).abort()
                RefusingPort("127.77.0.1", server.port).use {
                    val both = ConnectOptions { resolver = always("127.77.0.1", "127.77.0.2") }
                    val failure = shouldThrow<AllAddressesFailedException> { openConnection("db", server.port, both) }
                    failure.causes[0].message shouldContain "127.77.0.1:"
                    failure.causes[1].message shouldContain "127.77.0.2:"
                }
            }
        }

        test(
            "C-040, C-041, C-049 a first address that is silent is joined by the second after the delay, and closed when that has won",
        ) {
            SilentPort().use { silent ->
                ListeningPort("127.0.0.2", silent.port).use {
                    leavingNothing {
                        val options = ConnectOptions { resolver = always("127.0.0.1", "127.0.0.2") }
                        val since = TimeSource.Monotonic.markNow()
                        val connection = openConnection("db", silent.port, options)
                        since.elapsedNow().inWholeMilliseconds.toInt() shouldBeGreaterThanOrEqual 250
                        connection.info[InfoKey.PeerAddress] shouldBe InetSocketAddress("127.0.0.2", silent.port)
                        it.accept().close()
                        connection.abort()
                    }
                }
            }
        }

        test("C-043 without a delay a silent address holds up nobody") {
            SilentPort().use { silent ->
                ListeningPort("127.0.0.2", silent.port).use {
                    val options =
                        ConnectOptions {
                            resolver = always("127.0.0.1", "127.0.0.2")
                            happyEyeballsDelay = 0.milliseconds
                        }
                    val connection = openConnection("db", silent.port, options)
                    connection.info[InfoKey.PeerAddress] shouldBe InetSocketAddress("127.0.0.2", silent.port)
                    connection.abort()
                }
            }
        }

        test(
            "C-053, pain 11 connectTimeout is a ConnectTimeoutException with host, port, limit, addresses and what failed so far",
        ) {
            SilentPort().use { silent ->
                leavingNothing {
                    val options =
                        ConnectOptions {
                            resolver = always("127.77.0.1", "127.0.0.1", "127.77.0.3")
                            happyEyeballsDelay = 1.hours
                            connectTimeout = 50.milliseconds
                        }
                    val failure = shouldThrowExactly<ConnectTimeoutException> { openConnection("db", silent.port, options) }
                    failure.message shouldBe
                        "no connection to db:${silent.port} within 50ms; tried /127.77.0.1:${silent.port}, /127.0.0.1:${silent.port}"
                    failure.suppressed.map { it.message } shouldContainExactly
                        listOf("Connection refused: db:${silent.port} (/127.77.0.1:${silent.port})")
                    failure.shouldBeInstanceOf<IOException>()
                }
            }
        }

        test("C-053 connectTimeout holds for one silent address, too") {
            SilentPort().use { silent ->
                leavingNothing {
                    val options = ConnectOptions { connectTimeout = 50.milliseconds }
                    shouldThrowExactly<ConnectTimeoutException> {
                        openConnection(
                            "127.0.0.1",
                            silent.port,
                            options,
                        )
                    }.message shouldBe
                        "no connection to 127.0.0.1:${silent.port} within 50ms; tried /127.0.0.1:${silent.port}"
                }
            }
        }

        test("C-053 connectTimeout covers the lookup, by the caller's clock") {
            runTest {
                val options =
                    ConnectOptions {
                        resolver = Resolver { awaitCancellation() }
                        connectTimeout = 10.minutes
                    }
                shouldThrowExactly<ConnectTimeoutException> { openConnection("db", 80, options) }.message shouldBe
                    "no connection to db:80 within 10m; its addresses were not found in time"
                @OptIn(kotlinx.coroutines.ExperimentalCoroutinesApi::class)
                currentTime shouldBe 600_000
            }
        }

        test("pain 11 a connectTimeout reaches the handler of exceptions, as a cancellation would not") {
            SilentPort().use { silent ->
                val seen = CompletableDeferred<Throwable>()
                supervisorScope {
                    launch(Dispatchers.Default + CoroutineExceptionHandler { _, e -> seen.complete(e) }) {
                        openConnection("127.0.0.1", silent.port, ConnectOptions { connectTimeout = 10.milliseconds })
                    }
                }
                seen.await().shouldBeInstanceOf<ConnectTimeoutException>()
            }
        }

        test("C-052 a caller who is cancelled while connecting, plain or racing, leaves nothing") {
            SilentPort().use { silent ->
                for (addresses in listOf(always("127.0.0.1"), always("127.77.0.1", "127.0.0.1"))) {
                    val options = ConnectOptions { resolver = addresses }
                    leavingNothing {
                        coroutineScope {
                            val before = openSockets().size
                            val caller =
                                launch(start = CoroutineStart.UNDISPATCHED) { openConnection("db", silent.port, options) }
                            eventually("a socket is connecting") { openSockets().size > before }
                            caller.cancelAndJoin()
                            caller.isCancelled shouldBe true
                        }
                    }
                }
            }
        }

        test("C-052 a connect that finishes just as the caller is cancelled leaves nothing") {
            ListeningPort().use { server ->
                leavingNothing {
                    repeat(200) { round ->
                        coroutineScope {
                            val caller =
                                launch(Dispatchers.Default) {
                                    openConnection("127.0.0.1", server.port).abort()
                                }
                            repeat(round * 20) { Thread.onSpinWait() }
                            caller.cancelAndJoin()
                        }
                        generateSequence { server.acceptNow() }.forEach(SocketChannel::close)
                    }
                }
            }
        }

        test("W-051, C-064, J-010 TCP_NODELAY is on at both sides, and off where that is said; keepAlive the other way round") {
            suspend fun optionsOf(
                client: ConnectOptions,
                server: ServerOptions,
            ): List<Boolean> {
                val accepted = CompletableDeferred<List<Boolean>>()
                val listening = startServer("127.0.0.1", 0, server) { accepted.complete(it.info[InfoKey.Channel]!!.flags()) }
                val connection = openConnection("127.0.0.1", (listening.addresses[0] as InetSocketAddress).port, client)
                val flags = connection.info[InfoKey.Channel]!!.flags() + accepted.await()
                connection.abort()
                listening.close()
                listening.awaitClosed()
                return flags
            }
            optionsOf(ConnectOptions.Default, ServerOptions.Default) shouldContainExactly listOf(true, false, true, false)
            val otherwise =
                ConnectOptions {
                    noDelay = false
                    keepAlive = true
                }
            val otherwiseServed =
                ServerOptions {
                    noDelay = false
                    keepAlive = true
                }
            optionsOf(otherwise, otherwiseServed) shouldContainExactly listOf(false, true, false, true)
        }

        test("sendBuffer and receiveBuffer are those of the socket") {
            ListeningPort().use { server ->
                val options =
                    ConnectOptions {
                        sendBuffer = 20_000
                        receiveBuffer = 30_000
                    }
                val connection = openConnection("127.0.0.1", server.port, options)
                val channel = connection.info[InfoKey.Channel] as SocketChannel
                // The system may give more than it is asked for.
                val asked = SocketChannel.open()
                asked.setOption(StandardSocketOptions.SO_SNDBUF, 20_000).setOption(StandardSocketOptions.SO_RCVBUF, 30_000)
                channel.getOption(StandardSocketOptions.SO_SNDBUF) shouldBe asked.getOption(StandardSocketOptions.SO_SNDBUF)
                channel.getOption(StandardSocketOptions.SO_RCVBUF) shouldBe asked.getOption(StandardSocketOptions.SO_RCVBUF)
                asked.close()
                connection.abort()
            }
        }

        test("C-013 limit and writeLimit are those of the connection's streams") {
            ListeningPort().use { server ->
                val connection = openConnection("127.0.0.1", server.port, ConnectOptions { limit = 77 })
                connection.reader.limit shouldBe 77
                connection.abort()
                val usual = openConnection("127.0.0.1", server.port)
                usual.reader.limit shouldBe 65_536
                usual.abort()
            }
        }

        test("C-067, C-068 what a plain connection tells about itself, and what it doesn't") {
            ListeningPort().use { server ->
                val (reader, writer) = openConnection("127.0.0.1", server.port)
                val accepted = server.accept()
                for (info in listOf(reader.info, writer.info)) {
                    info[InfoKey.PeerAddress] shouldBe accepted.localAddress
                    info[InfoKey.LocalAddress] shouldBe accepted.remoteAddress
                    info[InfoKey.Channel].shouldBeInstanceOf<SocketChannel>().isConnected shouldBe true
                    info[InfoKey.TlsSession].shouldBeNull()
                    info[InfoKey.PeerCertificates].shouldBeNull()
                    info[InfoKey.CipherSuite].shouldBeNull()
                    info[InfoKey.TlsProtocol].shouldBeNull()
                    (info[InfoKey.ApplicationProtocol] ?: "h1") shouldBe "h1"
                    info[InfoKey.Process].shouldBeNull()
                    info[InfoKey.FileDescriptor].shouldBeNull()
                }
                writer.abort()
                accepted.close()
            }
        }

        test("C-069, J-013 addresses stay readable after the end, and a read is a StreamClosedException") {
            ListeningPort().use { server ->
                for (end in listOf<(dev.sluice.Connection) -> Unit>({ it.close() }, { it.abort() })) {
                    val connection = openConnection("127.0.0.1", server.port)
                    val local = connection.info[InfoKey.LocalAddress]
                    server.accept().close()
                    end(connection)
                    connection.awaitClosed()
                    val channel = connection.info[InfoKey.Channel] as SocketChannel
                    eventually("the channel is closed") { !channel.isOpen }
                    shouldThrow<ClosedChannelException> { channel.remoteAddress }
                    connection.info[InfoKey.PeerAddress] shouldBe InetSocketAddress("127.0.0.1", server.port)
                    connection.info[InfoKey.LocalAddress] shouldBe local
                    shouldThrowExactly<StreamClosedException> { connection.reader.read(1) }
                    shouldThrowExactly<StreamClosedException> {
                        connection.writer.write("x")
                        connection.writer.drain()
                    }
                }
            }
        }

        test("J-033 the peer of a server on every interface is an IPv4 address when it came over IPv4") {
            val peer = CompletableDeferred<java.net.SocketAddress?>()
            val server = startServer(null, 0) { peer.complete(it.info[InfoKey.PeerAddress]) }
            val connection = openConnection("127.0.0.1", (server.addresses[0] as InetSocketAddress).port)
            peer
                .await()
                .shouldBeInstanceOf<InetSocketAddress>()
                .address
                .shouldBeInstanceOf<Inet4Address>()
            peer.await() shouldBe connection.info[InfoKey.LocalAddress]
            connection.abort()
            server.close()
            server.awaitClosed()
        }
    })

private operator fun RefusingPort.component1(): Int = port

/** TCP_NODELAY and SO_KEEPALIVE. */
private fun java.nio.channels.Channel.flags(): List<Boolean> {
    this as SocketChannel
    return listOf(getOption(StandardSocketOptions.TCP_NODELAY), getOption(StandardSocketOptions.SO_KEEPALIVE))
}

/** [first] fails, and the next address is tried without the delay, on a channel of its own. */
private suspend fun shouldGoOnAfter(first: String) {
    ListeningPort("127.0.0.2").use { server ->
        val options =
            ConnectOptions {
                resolver = always(first, "127.0.0.2")
                happyEyeballsDelay = 1.hours
            }
        val connection = openConnection("db", server.port, options)
        connection.info[InfoKey.PeerAddress] shouldBe InetSocketAddress("127.0.0.2", server.port)
        connection.abort()
    }
}
