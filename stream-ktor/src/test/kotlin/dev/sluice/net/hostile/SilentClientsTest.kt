package dev.sluice.net.hostile

import dev.sluice.IdleTimeoutException
import dev.sluice.net.eventually
import dev.sluice.net.port
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.time.Duration.Companion.milliseconds

private const val MANY = 500

internal class SilentClientsTest : FunSpec({
    test("clients that never speak are let go of after idleTimeout, each with its exception, while their loop serves others") {
        val failures = ConcurrentLinkedQueue<Throwable>()
        besideNeighbour({
            idleTimeout = 300.milliseconds
            onError = { _, e -> failures += e }
        }, { it.reader.readLine() }) { server, neighbour ->
            withAttackers(MANY, server.port) { attackers ->
                eventually("all have been thrown out") { attackers.all { it.isThrownOut() } }
                eventually("all are gone") { server.connections == 0 }
                neighbour.mustGetOn()
            }
        }
        failures.map { it.javaClass } shouldBe List(MANY) { IdleTimeoutException::class.java }
    }
})
