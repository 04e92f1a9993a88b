package dev.sluice.net

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import java.net.InetAddress
import java.net.UnknownHostException
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger

internal class JdkResolverTest : FunSpec({
    val one = arrayOf(ip("192.0.2.1"))

    test("C-031 a name that every machine knows is found by default, without a network") {
        val found = addressesOf("localhost", AddressFamily.ANY, null)
        found.shouldNotBeEmpty()
        found.all { it.isLoopbackAddress } shouldBe true
    }

    test("C-031, J-005 a lookup runs on another thread than its caller's, which goes on meanwhile") {
        val release = CountDownLatch(1)
        lateinit var thread: Thread
        val resolver =
            JdkResolver {
                thread = Thread.currentThread()
                release.awaitOrGiveUp()
                one
            }
        runBlocking {
            val found = async { resolver.resolve("db") }
            // Only where the lookup has left this one thread alone.
            launch { release.countDown() }
            found.await() shouldBe one.toList()
            thread shouldNotBe Thread.currentThread()
        }
    }

    test("C-031, J-005 a cancelled caller returns at once while the lookup runs out") {
        val begun = CompletableDeferred<Unit>()
        val release = CountDownLatch(1)
        val ranOut = CompletableDeferred<Unit>()
        val resolver =
            JdkResolver {
                begun.complete(Unit)
                release.awaitOrGiveUp()
                ranOut.complete(Unit)
                one
            }
        runBlocking {
            val caller = launch { resolver.resolve("db") }
            begun.await()
            caller.cancelAndJoin()
            ranOut.isCompleted shouldBe false
            release.countDown()
            ranOut.await()
        }
    }

    test("J-005 lookups run on a bounded number of threads, and one that nobody wants any more does not begin") {
        val most = JdkResolver.MOST_THREADS
        val allBegun = CountDownLatch(most)
        val release = CountDownLatch(1)
        val running = AtomicInteger()
        val mostRunning = AtomicInteger()
        val names = ConcurrentHashMap.newKeySet<String>()
        val resolver =
            JdkResolver {
                names += it
                mostRunning.accumulateAndGet(running.incrementAndGet(), ::maxOf)
                allBegun.countDown()
                release.awaitOrGiveUp()
                running.decrementAndGet()
                one
            }
        runBlocking(Dispatchers.Default) {
            val busy = List(most) { async { resolver.resolve("busy$it") } }
            allBegun.awaitOrGiveUp() shouldBe true
            val waiting = List(2 * most) { async { resolver.resolve("waiting$it") } }
            val unwanted = List(most) { launch { resolver.resolve("unwanted$it") } }
            unwanted.forEach { it.cancelAndJoin() }
            release.countDown()
            (busy + waiting).awaitAll()
        }
        mostRunning.get() shouldBe most
        names.none { it.startsWith("unwanted") } shouldBe true
    }

    test("C-032 a host that is unknown does not spoil the lookups of others") {
        val resolver = JdkResolver { if (it == "db") one else throw UnknownHostException(it) }
        shouldThrow<UnknownHostException> { addressesOf("nobody", AddressFamily.ANY, resolver) }.message shouldBe "nobody"
        addressesOf("db", AddressFamily.ANY, resolver) shouldBe one.toList()
    }

    test("C-123 IPv6 comes first, the order inside a family stays") {
        val jdk = listOf("127.0.0.1", "127.0.0.2", "::1", "::2").map(::ip)
        JdkResolver.inOurOrder(jdk, preferIpv6 = null) shouldBe listOf("::1", "::2", "127.0.0.1", "127.0.0.2").map(::ip)
        val mixed = listOf("::2", "127.0.0.2", "::1", "127.0.0.1").map(::ip)
        JdkResolver.inOurOrder(mixed, preferIpv6 = null) shouldBe listOf("::2", "::1", "127.0.0.2", "127.0.0.1").map(::ip)
    }

    test("C-123 who has told the JDK an order gets that one, whichever it is") {
        val property = "java.net.preferIPv6Addresses"
        val jdk = listOf("127.0.0.1", "::1", "127.0.0.2").map(::ip)
        val resolver = JdkResolver { jdk.toTypedArray<InetAddress>() }
        val before = System.getProperty(property)
        try {
            for (told in listOf("false", "true", "system")) {
                System.setProperty(property, told)
                resolver.resolve("db") shouldBe jdk
            }
            System.clearProperty(property)
            resolver.resolve("db") shouldBe listOf("::1", "127.0.0.1", "127.0.0.2").map(::ip)
        } finally {
            if (before == null) System.clearProperty(property) else System.setProperty(property, before)
        }
    }
})

/** Does not wait for ever, so that a lookup that holds up its caller fails the test and does not hang it. */
private fun CountDownLatch.awaitOrGiveUp() = await(20, TimeUnit.SECONDS)
