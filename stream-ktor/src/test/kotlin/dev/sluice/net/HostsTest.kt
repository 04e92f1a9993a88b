package dev.sluice.net

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.withTimeout
import java.io.IOException
import java.net.Inet4Address
import java.net.Inet6Address
import java.net.InetAddress
import java.net.UnknownHostException
import kotlin.time.Duration.Companion.milliseconds

internal class HostsTest :
    FunSpec({
        val asked = ArrayList<String>()
        val recording =
            Resolver { host ->
                asked += host
                listOf(ip("127.0.0.1"))
            }
        beforeTest { asked.clear() }

        suspend fun find(
            host: String,
            family: AddressFamily = AddressFamily.ANY,
            resolver: Resolver? = recording,
        ) = addressesOf(host, family, resolver)

        test("C-030 an address in digits is taken as it is, and no resolver is asked") {
            find("127.0.0.1") shouldBe listOf(ip("127.0.0.1"))
            find("255.0.10.9") shouldBe listOf(ip("255.0.10.9"))
            find("::1") shouldBe listOf(ip("::1"))
            asked shouldBe emptyList<String>()
        }

        test("C-009 an IPv6 address with brackets, without them, and with a zone") {
            find("[::1]") shouldBe listOf(ip("::1"))
            val zoned = find("::1%1").single()
            zoned.shouldBeInstanceOf<Inet6Address>().scopeId shouldBe 1
            find("[::1%1]").single().shouldBeInstanceOf<Inet6Address>().scopeId shouldBe 1
            asked shouldBe emptyList<String>()
        }

        test("C-009 a host with a colon that is no IPv6 address is refused without a lookup") {
            // The JDK would look up the ones whose first letter is no hexadecimal digit.
            for (host in listOf("localhost:80", "db:5432", "http://localhost", "[localhost:80]", "::1::", "1.2.3.4:80")) {
                val failure = withClue(host) { shouldThrow<UnknownHostException> { find(host) } }
                failure.message shouldBe "$host is no IPv6 address"
                failure.cause!!.message shouldContain "invalid IPv6 address"
            }
            asked shouldBe emptyList<String>()
        }

        test("C-010, J-002 old spellings of IPv4 go to the resolver as they are, never read as octal") {
            for (host in listOf(
                "127.1",
                "2130706433",
                "0177.0.0.1",
                "127.0.0.01",
                "1.2.3",
                "0x7f.0.0.1",
                "256.0.0.1",
                "1.2.3.4.5",
            )) {
                withClue(host) { literalAddress(host).shouldBeNull() }
                find(host)
            }
            asked.shouldContainExactly(
                "127.1",
                "2130706433",
                "0177.0.0.1",
                "127.0.0.01",
                "1.2.3",
                "0x7f.0.0.1",
                "256.0.0.1",
                "1.2.3.4.5",
            )
        }

        test("J-002 an IPv4 address in IPv6 form is an IPv4 address") {
            find("::ffff:127.0.0.1", AddressFamily.IPV4).single().shouldBeInstanceOf<Inet4Address>()
            shouldThrow<UnknownHostException> { find("::ffff:127.0.0.1", AddressFamily.IPV6) }
        }

        test("C-011 names that can't be are an UnknownHostException that names them") {
            for (host in listOf("a..b", ".a", "a..", "..", ".", "a\u0000b", "\u0000")) {
                withClue(host) { shouldThrow<UnknownHostException> { find(host) }.message shouldContain host }
            }
            asked shouldBe emptyList<String>()
            find("a.b.") shouldBe listOf(ip("127.0.0.1"))
        }

        test("C-011 a part of more than 63 characters is an UnknownHostException that names the host") {
            val host = "a".repeat(64) + ".invalid"
            shouldThrow<UnknownHostException> { find(host, resolver = null) }.message shouldContain host
        }

        test("C-032 an unknown name is an UnknownHostException whose message has the host") {
            shouldThrow<UnknownHostException> { find("nosuch.invalid", resolver = null) }.message shouldContain "nosuch.invalid"
        }

        test("C-032 a resolver that does not name the host has its message completed, and is the cause") {
            val cause = UnknownHostException("not today")
            val failure = shouldThrow<UnknownHostException> { find("db.example", resolver = { throw cause }) }
            failure.message shouldBe "db.example: not today"
            failure.cause shouldBeSameInstanceAs cause
        }

        test("C-032 a resolver that names the host is heard as it is") {
            val named = UnknownHostException("there is no db.example")
            shouldThrow<UnknownHostException> { find("db.example", resolver = { throw named }) } shouldBeSameInstanceAs named
        }

        test("C-033 a resolver that finds no address") {
            shouldThrow<UnknownHostException> { find("db", resolver = { emptyList() }) }.message shouldBe "db: no addresses"
        }

        test("C-015 a family that an address is not of") {
            shouldThrow<UnknownHostException> { find("127.0.0.1", AddressFamily.IPV6) }
                .message shouldBe "127.0.0.1: no IPV6 address, only /127.0.0.1"
            shouldThrow<UnknownHostException> { find("::1", AddressFamily.IPV4) }.message shouldContain
                "::1: no IPV4 address, only /"
        }

        test("C-015 a family that a name has no address of") {
            shouldThrow<UnknownHostException> { find("db", AddressFamily.IPV6, always("10.0.0.1", "10.0.0.2")) }
                .message shouldBe "db: no IPV6 address, only /10.0.0.1, /10.0.0.2"
        }

        test("C-017 a family keeps the resolver's order") {
            val dual = always("10.0.0.3", "fd00::2", "10.0.0.1", "fd00::1", "10.0.0.2")
            find("db", AddressFamily.IPV4, dual) shouldBe listOf("10.0.0.3", "10.0.0.1", "10.0.0.2").map(::ip)
            find("db", AddressFamily.IPV6, dual) shouldBe listOf("fd00::2", "fd00::1").map(::ip)
        }

        test("C-039 an address that comes twice is there once, in its first place") {
            find("db", resolver = always("10.0.0.1", "fd00::1", "10.0.0.1", "10.0.0.2", "fd00::1")) shouldBe
                listOf("10.0.0.1", "fd00::1", "10.0.0.2").map(::ip)
        }

        test("C-039 one link-local address in two zones is two addresses") {
            find("db", resolver = always("fe80::1%1", "fe80::1%2", "fe80::1%1")).map { it.hostAddress }.size shouldBe 2
        }

        test("C-051 a resolver that fails is an IOException, with the failure as its cause") {
            val bug = IllegalStateException("a bug")
            val failure = shouldThrow<IOException> { find("db", resolver = { throw bug }) }
            failure.message shouldBe "the lookup of db failed: java.lang.IllegalStateException: a bug"
            failure.cause shouldBeSameInstanceAs bug
            val own = IOException("the directory is down")
            shouldThrow<IOException> { find("db", resolver = { throw own }) } shouldBeSameInstanceAs own
        }

        test("C-053 a time limit of the resolver's own is no cancellation of the caller") {
            val impatient = Resolver { withTimeout(1.milliseconds) { awaitCancellation() } }
            shouldThrow<IOException> { find("db", resolver = impatient) }.message shouldContain
                "the lookup of db was cancelled by the resolver"
            shouldThrow<IOException> { find("db", resolver = { throw CancellationException("gone") }) }.message shouldContain
                "gone"
        }

        test("C-123 IPv6 goes first, the order inside a family stays") {
            val asJdk = listOf("127.0.0.1", "127.0.0.2", "::1", "::2").map(::ip)
            JdkResolver.inOurOrder(asJdk) shouldBe listOf("::1", "::2", "127.0.0.1", "127.0.0.2").map(::ip)
        }

        test("C-123 whoever has told the JDK an order gets that of the JDK") {
            val asJdk = listOf("127.0.0.1", "::1", "127.0.0.2").map(::ip)
            for (order in listOf("false", "true", "system")) {
                System.setProperty("java.net.preferIPv6Addresses", order)
                try {
                    JdkResolver.inOurOrder(asJdk) shouldBe asJdk
                } finally {
                    System.clearProperty("java.net.preferIPv6Addresses")
                }
            }
        }

        test("C-031 the default resolver knows what the JDK knows") {
            find("localhost", resolver = null).toSet() shouldBe InetAddress.getAllByName("localhost").toSet()
        }
    })
