package dev.sluice.net

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.test.runTest
import java.lang.reflect.Method
import java.lang.reflect.Modifier
import java.net.InetSocketAddress
import java.net.UnknownHostException
import java.util.concurrent.CompletableFuture
import java.util.function.BiConsumer
import java.util.function.Function
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds
import java.time.Duration as JavaDuration

internal class ConnectOptionsTest :
    FunSpec({
        test("C-013, C-124, C-125, J-010 what holds where nothing is said") {
            val options = ConnectOptions {}
            options.limit shouldBe 65536
            options.writeLimit shouldBe 16 * 1024 * 1024
            options.closeTimeout shouldBe 30.seconds
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

        test("C-012 sizes and times of a connection that are not positive are refused when the options are built") {
            val wrong =
                listOf<Pair<String, ConnectOptions.Builder.(Int) -> Unit>>(
                    "limit" to { limit = it },
                    "writeLimit" to { writeLimit = it },
                    "sendBuffer" to { sendBuffer = it },
                    "receiveBuffer" to { receiveBuffer = it },
                    "closeTimeout" to { closeTimeout = it.seconds },
                    "connectTimeout" to { connectTimeout = it.seconds },
                )
            for ((name, set) in wrong) {
                for (value in listOf(0, -1)) {
                    val refused =
                        withClue("$name = $value") { shouldThrow<IllegalArgumentException> { ConnectOptions { set(value) } } }
                    refused.message shouldContain "$name must be positive, not $value"
                }
                ConnectOptions { set(1) }
            }
        }

        test("C-043, C-125 happyEyeballsDelay may be 0 or large, but not negative") {
            ConnectOptions { happyEyeballsDelay = Duration.ZERO }.happyEyeballsDelay shouldBe Duration.ZERO
            ConnectOptions { happyEyeballsDelay = 10.days }.happyEyeballsDelay shouldBe 10.days
            shouldThrow<IllegalArgumentException> { ConnectOptions { happyEyeballsDelay = (-1).nanoseconds } }
                .message shouldBe "happyEyeballsDelay can't be negative, as -1ns is"
        }

        test("C-045 interleave may be 0, but not negative") {
            ConnectOptions { interleave = 0 }.interleave shouldBe 0
            shouldThrow<IllegalArgumentException> { ConnectOptions { interleave = -1 } }
                .message shouldBe "interleave can't be negative, as -1 is"
        }

        test("S-029, C-012 sizes and times of a server that are not positive are refused when the options are built") {
            val wrong =
                listOf<Pair<String, ServerOptions.Builder.(Int) -> Unit>>(
                    "limit" to { limit = it },
                    "writeLimit" to { writeLimit = it },
                    "backlog" to { backlog = it },
                    "maxConnections" to { maxConnections = it },
                    "closeTimeout" to { closeTimeout = it.seconds },
                )
            for ((name, set) in wrong) {
                for (value in listOf(0, -1)) {
                    val refused =
                        withClue("$name = $value") { shouldThrow<IllegalArgumentException> { ServerOptions { set(value) } } }
                    refused.message shouldContain "$name must be positive, not $value"
                }
                ServerOptions { set(1) }
            }
        }

        test("what a builder is given is what the options have") {
            val loops = EventLoops(1, "options")
            loops.use {
                val local = InetSocketAddress("127.0.0.1", 7)
                val resolver = always("127.0.0.1")
                val builder = ConnectOptions.builder()
                val options =
                    builder
                        .limit(1)
                        .writeLimit(2)
                        .closeTimeout(JavaDuration.ofSeconds(3))
                        .family(AddressFamily.IPV6)
                        .localAddress(local)
                        .connectTimeout(JavaDuration.ofSeconds(4))
                        .happyEyeballsDelay(JavaDuration.ofMillis(5))
                        .interleave(6)
                        .noDelay(false)
                        .keepAlive(true)
                        .sendBuffer(7)
                        .receiveBuffer(8)
                        .eventLoops(loops)
                        .apply { this.resolver = resolver }
                        .build()
                options.limit shouldBe 1
                options.writeLimit shouldBe 2
                options.closeTimeout shouldBe 3.seconds
                options.family shouldBe AddressFamily.IPV6
                options.localAddress shouldBe local
                options.connectTimeout shouldBe 4.seconds
                options.happyEyeballsDelay shouldBe 5.milliseconds
                options.interleave shouldBe 6
                options.noDelay shouldBe false
                options.keepAlive shouldBe true
                options.sendBuffer shouldBe 7
                options.receiveBuffer shouldBe 8
                options.eventLoops shouldBeSameInstanceAs loops
                options.resolver shouldBeSameInstanceAs resolver

                builder.limit(99)
                options.limit shouldBe 1
            }
        }

        test("C-012 a builder refuses a bad value in build(), not before") {
            val builder = ConnectOptions.builder().limit(0)
            shouldThrow<IllegalArgumentException> { builder.build() }
            builder.limit(1).build().limit shouldBe 1
        }

        test("a resolver in Java answers with a stage, and fails with what the stage fails with") {
            runTest {
                val found =
                    ConnectOptions
                        .builder()
                        .resolver(
                            Function { CompletableFuture.completedFuture(listOf(ip("127.0.0.3"))) },
                        ).build()
                found.resolver!!.resolve("db") shouldBe listOf(ip("127.0.0.3"))

                val failing =
                    Function<String, CompletableFuture<List<java.net.InetAddress>>> {
                        CompletableFuture<List<java.net.InetAddress>>().apply {
                            completeExceptionally(
                                UnknownHostException("no $it"),
                            )
                        }
                    }
                val lost = ConnectOptions.builder().resolver(failing).build()
                shouldThrow<UnknownHostException> { lost.resolver!!.resolve("db") }.message shouldContain "no db"
            }
        }

        test("Java sees one setter for each option of a connection, and nothing that is only for Kotlin") {
            val builder = ConnectOptions.Builder::class.java
            builder.setters().map { it.name }.shouldContainExactlyInAnyOrder(
                "limit",
                "writeLimit",
                "closeTimeout",
                "family",
                "localAddress",
                "connectTimeout",
                "happyEyeballsDelay",
                "interleave",
                "noDelay",
                "keepAlive",
                "sendBuffer",
                "receiveBuffer",
                "resolver",
                "eventLoops",
            )
            builder.forJava().filter { it.name.startsWith("get") || it.name.startsWith("set") }.shouldBeEmpty()
            ConnectOptions::class.java.staticForJava() shouldContainExactly listOf("builder")
            (builder.forJava() + ConnectOptions::class.java.forJava()).filter(Method::namesKotlin).shouldBeEmpty()
        }

        test("Java sees one setter for each option of a server, and a BiConsumer for onError") {
            val builder = ServerOptions.Builder::class.java
            builder.setters().map { it.name }.shouldContainExactlyInAnyOrder(
                "limit",
                "writeLimit",
                "closeTimeout",
                "family",
                "backlog",
                "reuseAddress",
                "reusePort",
                "keepAlive",
                "noDelay",
                "startServing",
                "cleanupSocket",
                "maxConnections",
                "executor",
                "onError",
                "eventLoops",
            )
            builder
                .setters()
                .single { it.name == "onError" }
                .parameterTypes
                .toList() shouldBe listOf(BiConsumer::class.java)
            builder.forJava().filter { it.name.startsWith("get") || it.name.startsWith("set") }.shouldBeEmpty()
            ServerOptions::class.java.staticForJava() shouldContainExactly listOf("builder")
            (builder.forJava() + ServerOptions::class.java.forJava())
                .filter { it.name != "getContext" && it.namesKotlin() }
                .shouldBeEmpty()
        }

        test("Default is a constant that Java sees as a static field") {
            for (type in listOf(ConnectOptions::class.java, ServerOptions::class.java)) {
                val field = type.getField("Default")
                Modifier.isStatic(field.modifiers) shouldBe true
                field.type shouldBe type
            }
        }
    })

/** What Java's compiler offers: synthetic methods are hidden from it. */
private fun Class<*>.forJava(): List<Method> = declaredMethods.filter { Modifier.isPublic(it.modifiers) && !it.isSynthetic }

private fun Class<*>.setters(): List<Method> = forJava().filter { it.returnType == this && it.parameterCount == 1 }

private fun Class<*>.staticForJava(): List<String> = forJava().filter { Modifier.isStatic(it.modifiers) }.map { it.name }

/** A mangled name has a dash; Kotlin's own types are nothing that Java can make. */
private fun Method.namesKotlin(): Boolean =
    '-' in name || (parameterTypes.toList() + returnType).any { it.name.startsWith("kotlin.") }
