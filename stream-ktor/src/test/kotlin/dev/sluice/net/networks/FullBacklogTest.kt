package dev.sluice.net.networks

import dev.sluice.ConnectTimeoutException
import dev.sluice.Connection
import dev.sluice.net.ConnectOptions
import dev.sluice.net.SOON_FULL
import dev.sluice.net.during
import dev.sluice.net.echo
import dev.sluice.net.failureOf
import dev.sluice.net.leavingNothing
import dev.sluice.net.openConnection
import dev.sluice.net.port
import dev.sluice.net.startServer
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.withTimeout
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

private const val HOST = "127.0.0.1"
private const val MOST = 100

internal class FullBacklogTest :
    FunSpec({
        test("a full backlog is waited for until connectTimeout; who waits is served when there is room, and nobody is lost") {
            leavingNothing {
                startServer(HOST, 0, SOON_FULL, ::echo).during { server ->
                    val inTime = ConnectOptions { connectTimeout = 1.seconds }
                    val waiting = ArrayList<Connection>()
                    var failure: Throwable? = null
                    while (failure == null && waiting.size < MOST) {
                        failure = failureOf { waiting += openConnection(HOST, server.port, inTime) }
                    }
                    waiting.shouldNotBeEmpty()
                    waiting.size shouldBeLessThan MOST
                    failure.shouldBeInstanceOf<ConnectTimeoutException>().message shouldContain "$HOST:${server.port}"

                    coroutineScope {
                        val patient =
                            async(Dispatchers.Default, CoroutineStart.UNDISPATCHED) {
                                openConnection(HOST, server.port, ConnectOptions { connectTimeout = 2.minutes })
                            }
                        patient.isCompleted shouldBe false
                        server.startServing()
                        waiting += withTimeout(2.minutes) { patient.await() }
                    }
                    for ((reader, writer) in waiting) {
                        writer.write("alive\n")
                        reader.readLine() shouldBe "alive"
                    }
                    waiting.forEach { it.close() }
                }
            }
        }
    })
