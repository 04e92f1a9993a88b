package dev.sluice.net

import dev.sluice.Connection
import dev.sluice.DEFAULT_LIMIT
import dev.sluice.DEFAULT_WRITE_LIMIT
import dev.sluice.testing.memoryStreamPair
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import java.io.IOException
import java.lang.reflect.Modifier
import java.net.InetAddress
import java.net.InetSocketAddress
import java.util.concurrent.CompletableFuture
import java.util.concurrent.Executor
import java.util.function.BiConsumer
import java.util.function.Function
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds
import java.time.Duration as JavaDuration

internal class OptionsTest : FunSpec({
    test("C-013, C-040, C-124, C-125 what a connection is like unless it is said otherwise") {
        val options = ConnectOptions {}
        options.limit shouldBe 65_536
        options.limit shouldBe DEFAULT_LIMIT
        options.writeLimit shouldBe DEFAULT_WRITE_LIMIT
        options.closeTimeout shouldBe 30.seconds
        options.idleTimeout shouldBe Duration.INFINITE
        options.family shouldBe AddressFamily.ANY
        options.localAddress.shouldBeNull()
        options.connectTimeout shouldBe 30.seconds
        options.happyEyeballsDelay shouldBe 250.milliseconds
        options.interleave shouldBe 1
        options.noDelay shouldBe true
        options.keepAlive shouldBe false
        options.sendBuffer.shouldBeNull()
        options.receiveBuffer.shouldBeNull()
        options.resolver.shouldBeNull()
        options.eventLoops.shouldBeNull()
    }

    test("S-020 what a server is like unless it is said otherwise") {
        val options = ServerOptions {}
        options.limit shouldBe DEFAULT_LIMIT
        options.writeLimit shouldBe DEFAULT_WRITE_LIMIT
        options.closeTimeout shouldBe 30.seconds
        options.idleTimeout shouldBe Duration.INFINITE
        options.family shouldBe AddressFamily.ANY
        options.backlog shouldBe 100
        options.reuseAddress shouldBe !System.getProperty("os.name").startsWith("Windows")
        options.reusePort shouldBe false
        options.keepAlive shouldBe false
        options.noDelay shouldBe true
        options.startServing shouldBe true
        options.cleanupSocket shouldBe true
        options.maxConnections shouldBe Int.MAX_VALUE
        options.context.shouldBeNull()
        options.eventLoops.shouldBeNull()
    }

    test("what is said in Kotlin holds, also when the builder is used again afterwards") {
        val loops = EventLoops(1)
        val local = InetSocketAddress(InetAddress.getLoopbackAddress(), 0)
        val ours = Resolver { emptyList() }
        lateinit var builder: ConnectOptions.Builder
        val options =
            ConnectOptions {
                builder = this
                limit = 1
                writeLimit = 2
                closeTimeout = 3.seconds
                idleTimeout = 7.seconds
                family = AddressFamily.IPV6
                localAddress = local
                connectTimeout = 4.seconds
                happyEyeballsDelay = Duration.ZERO
                interleave = 0
                noDelay = false
                keepAlive = true
                sendBuffer = 5
                receiveBuffer = 6
                resolver = ours
                eventLoops = loops
            }
        builder.limit = 77
        loops.close()
        options.limit shouldBe 1
        options.writeLimit shouldBe 2
        options.closeTimeout shouldBe 3.seconds
        options.idleTimeout shouldBe 7.seconds
        options.family shouldBe AddressFamily.IPV6
        options.localAddress shouldBe local
        options.connectTimeout shouldBe 4.seconds
        options.happyEyeballsDelay shouldBe Duration.ZERO
        options.interleave shouldBe 0
        options.noDelay shouldBe false
        options.keepAlive shouldBe true
        options.sendBuffer shouldBe 5
        options.receiveBuffer shouldBe 6
        options.resolver shouldBeSameInstanceAs ours
        options.eventLoops shouldBeSameInstanceAs loops
    }

    test("C-012, C-043, C-045 a bad value for a connection is refused when the options are built, by name and value") {
        refused("limit", 0) { ConnectOptions { limit = 0 } }
        refused("limit", -1) { ConnectOptions { limit = -1 } }
        refused("writeLimit", 0) { ConnectOptions { writeLimit = 0 } }
        refused("sendBuffer", 0) { ConnectOptions { sendBuffer = 0 } }
        refused("receiveBuffer", -5) { ConnectOptions { receiveBuffer = -5 } }
        refused("closeTimeout", "0s") { ConnectOptions { closeTimeout = Duration.ZERO } }
        refused("idleTimeout", "0s") { ConnectOptions { idleTimeout = Duration.ZERO } }
        refused("connectTimeout", "-1s") { ConnectOptions { connectTimeout = (-1).seconds } }
        refused("happyEyeballsDelay", "-1ns") { ConnectOptions { happyEyeballsDelay = (-1).nanoseconds } }
        refused("interleave", -1) { ConnectOptions { interleave = -1 } }
    }

    test("C-012, S-021, S-029 a bad value for a server is refused when the options are built, by name and value") {
        refused("limit", 0) { ServerOptions { limit = 0 } }
        refused("writeLimit", -1) { ServerOptions { writeLimit = -1 } }
        refused("closeTimeout", "0s") { ServerOptions { closeTimeout = Duration.ZERO } }
        refused("idleTimeout", "0s") { ServerOptions { idleTimeout = Duration.ZERO } }
        refused("backlog", 0) { ServerOptions { backlog = 0 } }
        refused("backlog", -1) { ServerOptions { backlog = -1 } }
        refused("maxConnections", 0) { ServerOptions { maxConnections = 0 } }
    }

    test("C-012 Java's calls set the same options, and are refused for the same values") {
        val local = InetSocketAddress(InetAddress.getLoopbackAddress(), 0)
        val options =
            ConnectOptions
                .builder()
                .limit(1)
                .writeLimit(2)
                .closeTimeout(JavaDuration.ofSeconds(3))
                .idleTimeout(JavaDuration.ofSeconds(7))
                .family(AddressFamily.IPV4)
                .localAddress(local)
                .connectTimeout(JavaDuration.ofSeconds(4))
                .happyEyeballsDelay(JavaDuration.ZERO)
                .interleave(2)
                .noDelay(false)
                .keepAlive(true)
                .sendBuffer(5)
                .receiveBuffer(6)
                .resolver(Function { CompletableFuture.completedFuture(listOf(local.address)) })
                .eventLoops(null)
                .build()
        options.limit shouldBe 1
        options.writeLimit shouldBe 2
        options.closeTimeout shouldBe 3.seconds
        options.idleTimeout shouldBe 7.seconds
        options.family shouldBe AddressFamily.IPV4
        options.localAddress shouldBe local
        options.connectTimeout shouldBe 4.seconds
        options.happyEyeballsDelay shouldBe Duration.ZERO
        options.interleave shouldBe 2
        options.noDelay shouldBe false
        options.keepAlive shouldBe true
        options.sendBuffer shouldBe 5
        options.receiveBuffer shouldBe 6
        options.resolver.shouldNotBeNull().resolve("db") shouldBe listOf(local.address)
        refused("connectTimeout", "0s") { ConnectOptions.builder().connectTimeout(JavaDuration.ZERO).build() }
    }

    test("Java's calls set the options of a server, its executor and its BiConsumer") {
        val ran = ArrayList<Thread>()
        val reported = ArrayList<Pair<Connection?, Throwable>>()
        val options =
            ServerOptions
                .builder()
                .limit(1)
                .writeLimit(2)
                .closeTimeout(JavaDuration.ofSeconds(3))
                .idleTimeout(JavaDuration.ofSeconds(7))
                .family(AddressFamily.IPV6)
                .backlog(4)
                .reuseAddress(false)
                .reusePort(true)
                .keepAlive(true)
                .noDelay(false)
                .startServing(false)
                .cleanupSocket(false)
                .maxConnections(5)
                .executor(
                    Executor {
                        ran += Thread.currentThread()
                        it.run()
                    },
                ).onError(BiConsumer { connection, failure -> reported += connection to failure })
                .eventLoops(null)
                .build()
        options.limit shouldBe 1
        options.writeLimit shouldBe 2
        options.closeTimeout shouldBe 3.seconds
        options.idleTimeout shouldBe 7.seconds
        options.family shouldBe AddressFamily.IPV6
        options.backlog shouldBe 4
        options.reuseAddress shouldBe false
        options.reusePort shouldBe true
        options.keepAlive shouldBe true
        options.noDelay shouldBe false
        options.startServing shouldBe false
        options.cleanupSocket shouldBe false
        options.maxConnections shouldBe 5

        runBlocking { launch(options.context.shouldNotBeNull()) {} }
        ran.size shouldBe 1

        val (connection, _) = memoryStreamPair()
        val failure = IOException("why")
        options.onError(connection, failure)
        options.onError(null, failure)
        reported shouldBe listOf(connection to failure, null to failure)
    }

    test("a server takes a context and a function in Kotlin") {
        val report = { _: Connection?, _: Throwable -> }
        val options =
            ServerOptions {
                context = Dispatchers.IO
                onError = report
            }
        options.context shouldBeSameInstanceAs Dispatchers.IO
        options.onError shouldBeSameInstanceAs report
    }

    test("Java sees one call for each option of a builder, and nothing that is only for Kotlin") {
        javaView(ConnectOptions.Builder::class.java) shouldContainExactlyInAnyOrder
            listOf(
                "limit(int)",
                "writeLimit(int)",
                "closeTimeout(Duration)",
                "idleTimeout(Duration)",
                "tls(TlsOptions)",
                "family(AddressFamily)",
                "localAddress(SocketAddress)",
                "connectTimeout(Duration)",
                "happyEyeballsDelay(Duration)",
                "interleave(int)",
                "noDelay(boolean)",
                "keepAlive(boolean)",
                "sendBuffer(int)",
                "receiveBuffer(int)",
                "resolver(Function)",
                "eventLoops(EventLoops)",
                "build()",
            )
        javaView(ServerOptions.Builder::class.java) shouldContainExactlyInAnyOrder
            listOf(
                "limit(int)",
                "writeLimit(int)",
                "closeTimeout(Duration)",
                "idleTimeout(Duration)",
                "tls(TlsOptions)",
                "family(AddressFamily)",
                "backlog(int)",
                "reuseAddress(boolean)",
                "reusePort(boolean)",
                "keepAlive(boolean)",
                "noDelay(boolean)",
                "startServing(boolean)",
                "cleanupSocket(boolean)",
                "maxConnections(int)",
                "executor(Executor)",
                "onError(BiConsumer)",
                "eventLoops(EventLoops)",
                "build()",
            )
        for (type in listOf(ConnectOptions::class.java, ServerOptions::class.java)) {
            Modifier.isStatic(type.getMethod("builder").modifiers) shouldBe true
            javaView(type.declaredClasses.single { it.simpleName == "Companion" }) shouldBe listOf("builder()")
        }
    }
})

private fun refused(
    option: String,
    value: Any,
    build: () -> Any,
) {
    withClue("$option = $value") {
        val message = shouldThrow<IllegalArgumentException> { build() }.message.orEmpty()
        message shouldContain option
        message shouldContain "$value"
    }
}

private fun javaView(type: Class<*>): List<String> =
    type.declaredMethods
        .filter { Modifier.isPublic(it.modifiers) && !it.isSynthetic }
        .map { method -> method.name + method.parameterTypes.joinToString(", ", "(", ")") { it.simpleName } }
