package dev.sluice.net

import dev.sluice.ConnectTimeoutException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.delay
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import java.net.ConnectException
import java.net.InetSocketAddress
import java.net.UnknownHostException
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

@OptIn(ExperimentalCoroutinesApi::class)
internal class HostConnectingTest : FunSpec({
    test("C-004, J-001 an empty host is refused before any lookup") {
        val nobody = KnownHosts()
        val message =
            shouldThrow<IllegalArgumentException> { openConnection("", 80, ConnectOptions { resolver = nobody }) }.message
        message shouldContain "host"
        message shouldContain "empty"
        nobody.asked.shouldBeEmpty()
    }

    test("C-005, C-006, C-007 a port that is none is refused by its number, for a name as for an address, before any lookup") {
        val nobody = KnownHosts()
        for (host in listOf("127.0.0.1", "db")) {
            for (port in listOf(70_000, 65_536, 0, -1)) {
                withClue("$host:$port") {
                    shouldThrow<IllegalArgumentException> { openConnection(host, port, ConnectOptions { resolver = nobody }) }
                        .message shouldContain "$port"
                }
            }
        }
        nobody.asked.shouldBeEmpty()
    }

    test("C-015 a host that has no address of the family is unknown, and nothing is connected") {
        val way = Scripted { "connected" }
        shouldThrow<UnknownHostException> {
            connecting(KnownHosts("192.0.2.1"), way) { family = AddressFamily.IPV6 }.connect()
        }
        way.tried.shouldBeEmpty()
    }

    test("C-017, C-039, C-045 each address of the family is tried once, in the order that interleave makes of the resolver's") {
        val way = Scripted { throw ConnectException("refused") }
        val hosts = KnownHosts("2001:db8::1", "2001:db8::2", "192.0.2.1", "2001:db8::1")
        shouldThrow<ConnectException> { connecting(hosts, way).connect() }
        way.tried shouldBe listOf("2001:db8::1", "192.0.2.1", "2001:db8::2").map { InetSocketAddress(ip(it), 5432) }
        hosts.asked shouldBe listOf("db")
    }

    test("C-040 a host of which one address is silent is connected after the delay") {
        runTest {
            val way = Scripted { if (it.address == ip("2001:db8::1")) awaitCancellation() else "connected" }
            connecting(KnownHosts("2001:db8::1", "192.0.2.1"), way).connect() shouldBe "connected"
            currentTime shouldBe 250
        }
    }

    test("C-053 a lookup that takes too long is a connect that took too long") {
        runTest {
            val failure = shouldThrow<ConnectTimeoutException> { connecting({ awaitCancellation() }, Scripted { "" }).connect() }
            currentTime shouldBe 3000
            for (part in listOf("db:5432", "3s")) failure.message shouldContain part
            failure.suppressed.toList().shouldBeEmpty()
        }
    }

    test("C-053 addresses that take too long: the failure says which were tried, and keeps what went wrong so far") {
        runTest {
            val refused = ConnectException("refused")
            val way = Scripted { if (it.address == ip("192.0.2.1")) throw refused else awaitCancellation() }
            val hosts = KnownHosts("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4")
            val failure =
                shouldThrow<ConnectTimeoutException> { connecting(hosts, way) { happyEyeballsDelay = 2.seconds }.connect() }
            currentTime shouldBe 3000
            for (part in listOf("db:5432", "3s", "192.0.2.1:5432", "192.0.2.2:5432", "192.0.2.3:5432")) {
                failure.message shouldContain part
            }
            failure.message shouldNotContain "192.0.2.4"
            failure.suppressed.toList() shouldBe listOf(refused)
            way.running shouldBe 0
        }
    }

    test("C-053 the limit is one for the lookup and all addresses together, a lone one as well") {
        runTest {
            val slow = Resolver { delay(2000).let { listOf(ip("192.0.2.1")) } }
            shouldThrow<ConnectTimeoutException> { connecting(slow, Scripted { awaitCancellation() }).connect() }
                .message shouldContain "192.0.2.1:5432"
            currentTime shouldBe 3000
        }
    }

    test("C-053 what a cancelled attempt says is no failure of its address") {
        for (hosts in listOf(KnownHosts("192.0.2.1"), KnownHosts("192.0.2.1", "192.0.2.2"))) {
            runTest {
                val way =
                    Scripted {
                        try {
                            awaitCancellation()
                        } finally {
                            throw ConnectException("closed under my feet")
                        }
                    }
                shouldThrow<ConnectTimeoutException> { connecting(hosts, way).connect() }.suppressed.toList().shouldBeEmpty()
            }
        }
    }

    test("C-053 what is connected in the instant in which the limit is reached counts, or is discarded") {
        for (hosts in listOf(KnownHosts("192.0.2.1"), KnownHosts("192.0.2.1", "192.0.2.2"))) {
            runTest {
                val way = Scripted { withContext(NonCancellable) { delay(3000).let { "connected" } } }
                val outcome = runCatching { connecting(hosts, way).connect() }
                way.discarded.size + (if (outcome.isSuccess) 1 else 0) shouldBe way.made
                if (outcome.isFailure) shouldThrow<ConnectTimeoutException> { outcome.getOrThrow() }
            }
        }
    }

    test("C-052, C-053 a caller's own time limit stays the caller's, and leaves nothing behind") {
        for (hosts in listOf(KnownHosts("192.0.2.1"), KnownHosts("192.0.2.1", "192.0.2.2"))) {
            runTest {
                val way = Scripted { withContext(NonCancellable) { delay(2500).let { "connected" } } }
                shouldThrow<TimeoutCancellationException> { withTimeout(1.seconds) { connecting(hosts, way).connect() } }
                way.made shouldNotBe 0
                way.discarded.size shouldBe way.made
                way.running shouldBe 0
            }
        }
    }
})

private fun connecting(
    hosts: Resolver,
    way: Connecting<String>,
    more: ConnectOptions.Builder.() -> Unit = {},
): HostConnecting<String> {
    val options =
        ConnectOptions {
            connectTimeout = 3.seconds
            happyEyeballsDelay = 250.milliseconds
            resolver = hosts
            more()
        }
    return HostConnecting("db", 5432, options, way)
}

/** Connects as [script] says, and keeps what was tried. */
private class Scripted(
    private val script: suspend (InetSocketAddress) -> String,
) : Connecting<String> {
    val tried = ArrayList<InetSocketAddress>()
    val discarded = ArrayList<String>()
    var made = 0
    var running = 0

    override fun reachable(addresses: List<InetSocketAddress>): List<InetSocketAddress> = addresses

    override suspend fun connect(address: InetSocketAddress): String {
        tried += address
        running++
        try {
            return script(address).also { made++ }
        } finally {
            running--
        }
    }

    override fun discard(connected: String) {
        discarded += connected
    }
}
