package dev.sluice.net

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withTimeout
import java.io.IOException
import java.net.Inet4Address
import java.net.Inet6Address
import java.net.InetAddress
import java.net.UnknownHostException
import java.util.concurrent.CompletableFuture
import kotlin.time.Duration.Companion.seconds

internal class HostsTest : FunSpec({
    test("C-030 an address in digits is taken as it is, and no resolver is asked") {
        val nobody = KnownHosts()
        for (host in listOf("127.0.0.1", "0.0.0.0", "255.255.255.255", "192.0.2.10", "::1", "2001:DB8::a", "::ffff:0:1.2.3.4")) {
            withClue(host) { addressesOf(host, AddressFamily.ANY, nobody) shouldBe listOf(ip(host)) }
        }
        nobody.asked.shouldBeEmpty()
    }

    test("C-009 an IPv6 address may stand in brackets and have a zone") {
        val nobody = KnownHosts()
        addressesOf("[::1]", AddressFamily.ANY, nobody) shouldBe listOf(ip("::1"))
        for (host in listOf("fe80::1%1", "[fe80::1%1]")) {
            val address = addressesOf(host, AddressFamily.ANY, nobody).single()
            (address as Inet6Address).scopeId shouldBe 1
        }
        nobody.asked.shouldBeEmpty()
    }

    test("C-010, J-002 older spellings of IPv4 go to the resolver, as the text they are") {
        val legacy =
            listOf("127.1", "1.2.3", "2130706433", "0177.0.0.1", "127.0.0.01", "0x7f.0.0.1", "256.0.0.1", "1.2.3.4.5", "1.2.3.4.")
        for (host in legacy) {
            val hosts = KnownHosts(mapOf(host to listOf(ip("192.0.2.7"))))
            withClue(host) {
                addressesOf(host, AddressFamily.ANY, hosts) shouldBe listOf(ip("192.0.2.7"))
                hosts.asked shouldBe listOf(host)
            }
        }
    }

    test("C-011, C-030 what has a colon and is no address is unknown, and nobody looks it up") {
        for (host in listOf(
            "localhost:80",
            "g::1",
            ".::1",
            "1:2",
            "::1%no-such-zone",
            "[::1",
            "::1]",
            "[localhost:80]",
            "::1\u0000",
        )) {
            val nobody = KnownHosts()
            withClue(host) {
                val failure = shouldThrow<UnknownHostException> { addressesOf(host, AddressFamily.ANY, nobody) }
                failure.message shouldBe "$host is no IPv6 address"
                nobody.asked.shouldBeEmpty()
                // The JDK itself does, for what does not begin with a hexadecimal digit.
                failure.cause!!
                    .stackTrace
                    .filter { it.methodName == "lookupAllHostAddr" }
                    .shouldBeEmpty()
            }
        }
    }

    test("C-011 a name that can't be one is an unknown host, named in the message, and nobody looks it up") {
        val long = "a".repeat(64)
        for (host in listOf("a..b", ".a", ".", "a..", "a\u0000b", long, "www.$long.org", "\u00fc".repeat(64))) {
            val nobody = KnownHosts()
            withClue(host) {
                shouldThrow<UnknownHostException> { addressesOf(host, AddressFamily.ANY, nobody) }.message shouldContain host
                nobody.asked.shouldBeEmpty()
            }
        }
    }

    test("C-011 the longest name of a part, and a dot at the end, are in order") {
        for (host in listOf("a".repeat(63), "example.org.", "\ud83d\ude00".repeat(40))) {
            val hosts = KnownHosts(mapOf(host to listOf(ip("192.0.2.7"))))
            withClue(host) { addressesOf(host, AddressFamily.ANY, hosts) shouldBe listOf(ip("192.0.2.7")) }
        }
    }

    test("C-017 the family filters what was found and keeps its order") {
        val hosts = KnownHosts("192.0.2.2", "2001:db8::2", "192.0.2.1", "2001:db8::1")
        addressesOf("db", AddressFamily.IPV4, hosts) shouldBe listOf(ip("192.0.2.2"), ip("192.0.2.1"))
        addressesOf("db", AddressFamily.IPV6, hosts) shouldBe listOf(ip("2001:db8::2"), ip("2001:db8::1"))
        addressesOf("db", AddressFamily.ANY, hosts).size shouldBe 4
    }

    test("C-015 no address of the family is an unknown host; the message has the host and the family") {
        suspend fun refused(
            host: String,
            family: AddressFamily,
        ) {
            val message = shouldThrow<UnknownHostException> { addressesOf(host, family, KnownHosts("192.0.2.1")) }.message
            message shouldContain host
            message shouldContain family.name
        }
        refused("db", AddressFamily.IPV6)
        refused("127.0.0.1", AddressFamily.IPV6)
        refused("::1", AddressFamily.IPV4)
    }

    test("J-002 the family is judged by the address that was found: an IPv4 address written as IPv6 is one of IPv4") {
        addressesOf("::ffff:127.0.0.1", AddressFamily.IPV4, null).single().shouldBeInstanceOf<Inet4Address>()
    }

    test("C-039 an address that was found twice is there once, where it was first") {
        val hosts = KnownHosts("192.0.2.2", "192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8:0::1")
        addressesOf("db", AddressFamily.ANY, hosts) shouldBe listOf(ip("192.0.2.2"), ip("192.0.2.1"), ip("2001:db8::1"))
    }

    test("C-039 the same link-local address in two zones is two addresses") {
        val hosts = KnownHosts("fe80::1%1", "fe80::1%2", "fe80::1%1")
        addressesOf("db", AddressFamily.ANY, hosts).map { (it as Inet6Address).scopeId } shouldBe listOf(1, 2)
    }

    test("C-033 a resolver that finds nothing") {
        shouldThrow<UnknownHostException> { addressesOf("db", AddressFamily.ANY, KnownHosts()) }.message shouldBe
            "db: no addresses"
    }

    test("C-032 an unknown host is named in the message, whoever said that it is unknown") {
        val original = UnknownHostException("no such name")
        val failure = shouldThrow<UnknownHostException> { addressesOf("db", AddressFamily.ANY) { throw original } }
        failure.message shouldBe "db: no such name"
        failure.cause shouldBeSameInstanceAs original

        val named = UnknownHostException("db: not known")
        shouldThrow<UnknownHostException> { addressesOf("db", AddressFamily.ANY) { throw named } } shouldBeSameInstanceAs named
    }

    test("C-051 what else a resolver throws is kept") {
        val down = IOException("the directory is down")
        shouldThrow<IOException> { addressesOf("db", AddressFamily.ANY) { throw down } } shouldBeSameInstanceAs down

        val bug = IllegalStateException("a bug")
        val failure = shouldThrow<IOException> { addressesOf("db", AddressFamily.ANY) { throw bug } }
        failure.message shouldContain "db"
        failure.cause shouldBeSameInstanceAs bug

        val error = OutOfMemoryError("not really")
        shouldThrow<OutOfMemoryError> { addressesOf("db", AddressFamily.ANY) { throw error } } shouldBeSameInstanceAs error
    }

    test("a time limit of the resolver's own is no cancellation of its caller") {
        runTest {
            val failure =
                shouldThrow<UnknownHostException> {
                    addressesOf("db", AddressFamily.ANY) { withTimeout(1.seconds) { awaitCancellation() } }
                }
            failure.message shouldContain "db"
            failure.cause.shouldBeInstanceOf<TimeoutCancellationException>()
        }
    }

    test("a caller's time limit ends the lookup as the cancellation that it is") {
        runTest {
            val ended = CompletableDeferred<Unit>()
            shouldThrow<TimeoutCancellationException> {
                withTimeout(1.seconds) {
                    addressesOf("db", AddressFamily.ANY) {
                        try {
                            awaitCancellation()
                        } finally {
                            ended.complete(Unit)
                        }
                    }
                }
            }
            ended.isCompleted shouldBe true
        }
    }

    test("C-032, C-033 what a Java resolver's stage fails with, and a stage that finds nothing or is cancelled") {
        suspend fun found(stage: CompletableFuture<List<InetAddress>>) =
            addressesOf(
                "db",
                AddressFamily.ANY,
                ConnectOptions
                    .builder()
                    .resolver { stage }
                    .build()
                    .resolver,
            )

        found(CompletableFuture.completedFuture(listOf(ip("192.0.2.1")))) shouldBe listOf(ip("192.0.2.1"))
        val unknown = UnknownHostException("db: nobody knows")
        shouldThrow<UnknownHostException> { found(CompletableFuture.failedFuture(unknown)) }.message shouldBe unknown.message
        shouldThrow<UnknownHostException> { found(CompletableFuture.completedFuture(emptyList())) }
        shouldThrow<UnknownHostException> { found(CompletableFuture<List<InetAddress>>().apply { cancel(true) }) }
            .cause
            .shouldNotBeNull()
    }

    test("C-030 names are not taken for addresses") {
        for (host in listOf("localhost", "1.2.3", "[127.0.0.1]", "1.2.3.a", "", "1..2.3", "\u0661.2.3.4")) {
            withClue(host) { literalAddress(host).shouldBeNull() }
        }
    }
})
