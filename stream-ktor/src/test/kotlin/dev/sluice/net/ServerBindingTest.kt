package dev.sluice.net

import dev.sluice.InfoKey
import dev.sluice.StreamClosedException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.core.test.EnabledOrReasonIf
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import io.ktor.network.sockets.aSocket
import kotlinx.coroutines.CompletableDeferred
import java.lang.reflect.Proxy
import java.net.BindException
import java.net.ConnectException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.net.StandardSocketOptions
import java.net.UnknownHostException
import java.nio.channels.NetworkChannel
import java.nio.channels.Selector
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import java.util.concurrent.atomic.AtomicInteger

private val onLinux: EnabledOrReasonIf = {
    if (isLinux) Enabled.enabled else Enabled.disabled("the addresses of 127.0.0.0/8, and how ports are chosen, are Linux's")
}
private val withIpv6: EnabledOrReasonIf = { if (hasIpv6) Enabled.enabled else Enabled.disabled("this machine has no IPv6") }

/** An address of nobody (RFC 5737). */
private const val FOREIGN = "203.0.113.1"

internal class ServerBindingTest :
    FunSpec({
        val hosts = { server: StreamServer -> server.addresses.map { (it as InetSocketAddress).address.hostAddress } }
        val ports = { server: StreamServer -> server.addresses.map { (it as InetSocketAddress).port }.toSet() }

        test("S-001 no host is every interface, over both families on one port").config(enabledOrReasonIf = withIpv6) {
            startServer(null, 0, handler = ::echo).during { server ->
                server.addresses shouldHaveSize 1
                isEchoed(server.port, "127.0.0.1") shouldBe true
                isEchoed(server.port, "::1") shouldBe true
            }
        }

        test("S-001 without IPv6, no host is every interface of IPv4") {
            val child = ChildJvm("dev.sluice.net.OnEveryInterface", listOf("-Djava.net.preferIPv4Stack=true"))
            child.lines() shouldContainExactly listOf("at /0.0.0.0", "echoed true", "an IPv6 address: BindException")
        }

        test("S-002 several hosts share one port that was chosen").config(enabledOrReasonIf = withIpv6) {
            startServer(listOf("127.0.0.1", "::1"), 0, handler = ::echo).during { server ->
                hosts(server) shouldContainExactly listOf("127.0.0.1", "0:0:0:0:0:0:0:1")
                ports(server) shouldHaveSize 1
                isEchoed(server.port, "127.0.0.1") shouldBe true
                isEchoed(server.port, "::1") shouldBe true
            }
        }

        test(
            "S-002 where the chosen port is taken at another address, another one is chosen",
        ).config(enabledOrReasonIf = onLinux) {
            // So many that some of the servers must meet one, and hardly any meets them each time.
            val inTheWay = List(1000) { ServerSocketChannel.open().bind(InetSocketAddress("127.0.0.2", 0)) }
            try {
                repeat(60) {
                    startServer(listOf("127.0.0.1", "127.0.0.2"), 0, handler = ::echo).during { ports(it) shouldHaveSize 1 }
                }
            } finally {
                inTheWay.forEach { it.close() }
            }
        }

        test("S-003, J-031 0.0.0.0 is IPv4 alone").config(enabledOrReasonIf = withIpv6) {
            startServer("0.0.0.0", 0, handler = ::echo).during { server ->
                isEchoed(server.port, "127.0.0.1") shouldBe true
                shouldThrow<ConnectException> { plainClient(server.port, "::1") }
            }
        }

        test("S-003 :: is both families, and 0.0.0.0 beside it adds nothing").config(enabledOrReasonIf = withIpv6) {
            for (both in listOf(listOf("::", "0.0.0.0"), listOf("0.0.0.0", "::"))) {
                startServer(both, 0, handler = ::echo).during { server ->
                    hosts(server) shouldContainExactly listOf("0:0:0:0:0:0:0:0")
                    isEchoed(server.port, "127.0.0.1") shouldBe true
                    isEchoed(server.port, "::1") shouldBe true
                }
            }
        }

        test("S-004 an address that comes twice is bound once") {
            startServer(listOf("127.0.0.1", "127.0.0.1", "localhost"), 0, handler = ::echo).during { server ->
                hosts(server).count { it == "127.0.0.1" } shouldBe 1
                hosts(server).toSet().size shouldBe hosts(server).size
            }
        }

        test("S-005 addresses come in the order of the hosts").config(enabledOrReasonIf = onLinux) {
            val order = listOf("127.0.0.9", "127.0.0.2", "127.0.0.5", "127.0.0.1")
            startServer(order, 0, handler = ::echo).during { hosts(it) shouldContainExactly order }
        }

        test("S-005 inside a host they come in the resolver's order").config(enabledOrReasonIf = onLinux) {
            val order = listOf("127.0.0.9", "127.0.0.2", "127.0.0.5")
            val binding = Binding(EventLoops.default.next(), ServerOptions.Default) { order.map(InetAddress::getByName) }
            val channels = binding.bindAll(listOf("some.test"), 0)
            channels.map { (it.localAddress as InetSocketAddress).address.hostAddress } shouldContainExactly order
            channels.forEach { it.close() }
        }

        test("S-006 a server without hosts is refused") {
            shouldThrow<IllegalArgumentException> { startServer(emptyList(), 0, handler = ::echo) }.message shouldContain "host"
        }

        test("S-007 an address that was listed must be bound, or nothing is") {
            leavingNothing {
                val failure = shouldThrow<BindException> { startServer(listOf("127.0.0.1", FOREIGN), 0, handler = ::echo) }
                failure.message shouldContain FOREIGN
            }
        }

        test("S-007 of a name, the addresses of other machines are left out") {
            val binding =
                Binding(
                    EventLoops.default.next(),
                    ServerOptions.Default,
                ) { listOf(FOREIGN, "127.0.0.1").map(InetAddress::getByName) }
            val channels = binding.bindAll(listOf("some.test"), 0)
            channels.map { (it.localAddress as InetSocketAddress).address.hostAddress } shouldContainExactly listOf("127.0.0.1")
            channels.forEach { it.close() }
        }

        test("S-008 a name of which no address is this machine's fails with each of them") {
            val others = listOf(FOREIGN, "203.0.113.2")
            leavingNothing {
                val binding = Binding(EventLoops.default.next(), ServerOptions.Default) { others.map(InetAddress::getByName) }
                val failure = shouldThrow<BindException> { binding.bindAll(listOf("some.test"), 0) }
                others.forEach { failure.message shouldContain it }
                failure.message shouldContain "some.test"
                failure.suppressed shouldHaveSize 2
            }
        }

        test("S-009 an address in use is a BindException with host and port") {
            ServerSocket(0, 1, InetAddress.getByName("127.0.0.1")).use { other ->
                val failure = shouldThrow<BindException> { startServer("localhost", other.localPort, IPV4_ONLY, ::echo) }
                failure.message shouldContain "localhost:${other.localPort}"
                failure.message shouldContain "127.0.0.1"
                failure.message shouldContain "in use"
            }
        }

        test("S-010 one of several in use fails them all, and nothing stays bound").config(enabledOrReasonIf = onLinux) {
            ServerSocket(0, 1, InetAddress.getByName("127.0.0.2")).use { other ->
                leavingNothing {
                    shouldThrow<BindException> {
                        startServer(listOf("127.0.0.1", "127.0.0.2"), other.localPort, handler = ::echo)
                    }.message shouldContain "127.0.0.2:${other.localPort}"
                }
                ServerSocket(other.localPort, 1, InetAddress.getByName("127.0.0.1")).close()
            }
        }

        test("S-011 an unknown host fails them all, and nothing is bound") {
            leavingNothing {
                val failure =
                    shouldThrow<UnknownHostException> { startServer(listOf("127.0.0.1", "nobody.invalid"), 0, handler = ::echo) }
                failure.message shouldContain "nobody.invalid"
            }
        }

        test("S-013 a port that is none is refused") {
            for (port in listOf(-1, 65536, 70000)) {
                shouldThrow<IllegalArgumentException> { startServer("127.0.0.1", port, handler = ::echo) }.message shouldContain
                    "$port"
            }
        }

        test("S-014 a family restricts every interface to its own") {
            startServer(null, 0, IPV4_ONLY, ::echo).during { server ->
                hosts(server) shouldContainExactly listOf("0.0.0.0")
                isEchoed(server.port, "127.0.0.1") shouldBe true
                if (hasIpv6) shouldThrow<ConnectException> { plainClient(server.port, "::1") }
            }
        }

        test("S-014 IPv6 alone is ::").config(enabledOrReasonIf = withIpv6) {
            startServer(null, 0, ServerOptions { family = AddressFamily.IPV6 }, ::echo).during { server ->
                hosts(server) shouldContainExactly listOf("0:0:0:0:0:0:0:0")
            }
        }

        test("S-014 an address of the other family is an unknown host") {
            leavingNothing {
                shouldThrow<UnknownHostException> { startServer("::1", 0, IPV4_ONLY, ::echo) }.message shouldContain "::1"
            }
        }

        test(
            "S-016, J-011 a port that old connections occupy is bound, unless reuseAddress is off",
        ).config(enabledOrReasonIf = onLinux) {
            val port = portInTimeWait()
            shouldThrow<BindException> { startServer("127.0.0.1", port, ServerOptions { reuseAddress = false }, ::echo) }
            startServer("127.0.0.1", port, handler = ::echo).during { isEchoed(port) shouldBe true }
        }

        test(
            "S-017, J-011 servers that reuse a port share its clients, and nobody else gets it",
        ).config(enabledOrReasonIf = onLinux) {
            val shared = ServerOptions { reusePort = true }
            val served = List(2) { AtomicInteger() }
            startServer("127.0.0.1", 0, shared) { served[0].incrementAndGet() }.during { first ->
                startServer("127.0.0.1", first.port, shared) { served[1].incrementAndGet() }.during {
                    var clients = 0
                    // The system deals them out by chance.
                    while (served.any { it.get() == 0 }) {
                        plainClient(first.port).use { it.received() shouldBe "" }
                        check(++clients < 1000) { "all clients went to one server" }
                    }
                    shouldThrow<BindException> { startServer("127.0.0.1", first.port, handler = ::echo) }
                }
            }
        }

        test("S-018 where the system has no reusePort, the option is refused") {
            val channel =
                Proxy.newProxyInstance(
                    NetworkChannel::class.java.classLoader,
                    arrayOf(NetworkChannel::class.java),
                ) { _, called, _ ->
                    check(called.name == "supportedOptions") { "the channel's ${called.name} was called" }
                    setOf(StandardSocketOptions.SO_REUSEADDR)
                } as NetworkChannel
            shouldThrow<UnsupportedOperationException> { channel.reusePort() }.message shouldContain "reusePort"
        }

        test("S-018 a channel whose options are refused does not stay") {
            leavingNothing {
                val loop = EventLoops.default.next()
                val refused = UnsupportedOperationException("no such option")
                shouldThrow<UnsupportedOperationException> {
                    aSocket(loop.preparing { throw refused }).tcp().bind("127.0.0.1", 0)
                } shouldBeSameInstanceAs refused
            }
        }

        test("S-019, J-011 options of TCP are set on each accepted channel") {
            for (on in listOf(true, false)) {
                val accepted = CompletableDeferred<SocketChannel>()
                val options =
                    ServerOptions {
                        keepAlive = on
                        noDelay = on
                    }
                val handler: suspend (dev.sluice.Connection) -> Unit = {
                    accepted.complete(it.info[InfoKey.Channel] as SocketChannel)
                    it.awaitClosed()
                }
                startServer("127.0.0.1", 0, options, handler).during { server ->
                    plainClient(server.port).use {
                        val channel = accepted.await()
                        channel.getOption(StandardSocketOptions.SO_KEEPALIVE) shouldBe on
                        channel.getOption(StandardSocketOptions.TCP_NODELAY) shouldBe on
                    }
                }
            }
        }

        test("S-024 a channel that is not bound is refused, and stays as it was") {
            ServerSocketChannel.open().use { channel ->
                shouldThrow<IllegalArgumentException> { startServer(channel, handler = ::echo) }.message shouldContain "not bound"
                channel.isOpen shouldBe true
                channel.isBlocking shouldBe true
                channel.localAddress shouldBe null
            }
        }

        test("S-025 of a channel that listens already, the clients that wait are served") {
            val channel = ServerSocketChannel.open().bind(InetSocketAddress("127.0.0.1", 0))
            val early = List(3) { plainClient((channel.localAddress as InetSocketAddress).port) }
            early.forEach { it.send("ping\n") }
            startServer(channel, handler = ::echo).during { server ->
                early.forEach { it.receivedLine() shouldBe "ping" }
                isEchoed(server.port) shouldBe true
            }
            channel.isOpen shouldBe false
            early.forEach { it.close() }
        }

        test("a channel that is closed, or in use, is refused") {
            val closed = ServerSocketChannel.open().bind(InetSocketAddress("127.0.0.1", 0)).apply { close() }
            shouldThrow<StreamClosedException> { startServer(closed, handler = ::echo) }

            Selector.open().use { selector ->
                val selected = ServerSocketChannel.open().bind(InetSocketAddress("127.0.0.1", 0))
                selected.configureBlocking(false)
                selected.register(selector, 0)
                shouldThrow<IllegalStateException> { startServer(selected, handler = ::echo) }
                selected.close()
            }

            val served = ServerSocketChannel.open().bind(InetSocketAddress("127.0.0.1", 0))
            startServer(served, ServerOptions { startServing = false }, ::echo).during { first ->
                shouldThrow<IllegalStateException> { startServer(served, handler = ::echo) }
                first.startServing()
                isEchoed(first.port) shouldBe true
            }
        }

        test("closed event loops are refused, and nothing is bound") {
            val loops = EventLoops(1).apply { close() }
            leavingNothing {
                shouldThrow<StreamClosedException> { startServer("127.0.0.1", 0, ServerOptions { eventLoops = loops }, ::echo) }
                    .message shouldContain "closed"
            }
        }
    })

private val IPV4_ONLY = ServerOptions { family = AddressFamily.IPV4 }

/** Of a connection, the side that closes first goes on occupying its port for a while. */
private fun portInTimeWait(): Int =
    ServerSocket(0, 1, InetAddress.getByName("127.0.0.1")).use { listener ->
        plainClient(listener.localPort).use { client ->
            listener.accept().close()
            client.received() shouldBe ""
        }
        listener.localPort
    }

/** A child's program: what a server does without IPv6. */
internal object OnEveryInterface {
    @JvmStatic
    fun main(arguments: Array<String>) {
        check(arguments.isEmpty())
        kotlinx.coroutines.runBlocking {
            startServer(null, 0, handler = ::echo).during { server ->
                println("at " + (server.addresses.single() as InetSocketAddress).address)
                println("echoed " + isEchoed(server.port))
            }
            val failure = runCatching { startServer("::1", 0, handler = ::echo) }.exceptionOrNull()
            println("an IPv6 address: " + failure?.javaClass?.simpleName)
        }
    }
}
