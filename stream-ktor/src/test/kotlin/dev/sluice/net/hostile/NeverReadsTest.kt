package dev.sluice.net.hostile

import dev.sluice.IdleTimeoutException
import dev.sluice.StreamWriter
import dev.sluice.net.StreamServer
import dev.sluice.net.captureLog
import dev.sluice.net.echo
import dev.sluice.net.eventually
import dev.sluice.net.port
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.longs.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.atomic.AtomicInteger
import java.util.concurrent.atomic.AtomicLong
import kotlin.time.Duration.Companion.milliseconds

private const val MANY = 10
private const val PIECE = 64 * 1024

/** Clients that ask, and take nothing of the answer. */
internal class NeverReadsTest : FunSpec({
    test("who drains holds one piece for each, and waits for all of them without holding up others; idleTimeout ends it") {
        val failures = ConcurrentLinkedQueue<Throwable>()
        val writers = ConcurrentLinkedQueue<StreamWriter>()
        val most = AtomicLong()
        besideNeighbour({
            idleTimeout = 300.milliseconds
            onError = { _, e -> failures += e }
        }, { (_, writer) ->
            writers += writer
            while (true) {
                writer.write(ByteArray(PIECE))
                most.accumulateAndGet(writer.pending, ::maxOf)
                writer.drain()
            }
        }) { server, neighbour ->
            withAttackers(MANY, server.port) {
                eventually("none of them takes more") {
                    writers.size == MANY && (failures.size > 0 || writers.all { it.pending > 0 })
                }
                neighbour.mustGetOn()
                eventually("all are gone") { server.connections == 0 }
            }
        }
        failures.map { it.javaClass } shouldBe List(MANY) { IdleTimeoutException::class.java }
        most.get() shouldBeLessThanOrEqual PIECE.toLong()
    }

    test("who leaves what is not taken to the close has closeTimeout for it, and then the connection is gone") {
        val handled = AtomicInteger()
        captureLog(StreamServer::class.java).use { log ->
            besideNeighbour({ closeTimeout = 300.milliseconds }, { (_, writer) ->
                writer.write(ByteArray(12 shl 20))
                handled.incrementAndGet()
            }) { server, neighbour ->
                withAttackers(MANY, server.port) { attackers ->
                    eventually("all were served") { handled.get() == MANY }
                    neighbour.mustGetOn()
                    eventually("all are gone") { server.connections == 0 }
                    attackers.forEach { it.isThrownOut() shouldBe true }
                    neighbour.mustGetOn()
                }
            }
            log.lines.count { "the peer took no byte for 300ms" in it } shouldBe MANY
        }
    }

    test("an echo whose clients send and never read stops reading, and goes on when they read") {
        besideNeighbour(handler = ::echo) { server, neighbour ->
            withAttackers(MANY, server.port) { attackers ->
                val piece = ByteArray(PIECE)
                var before: Long
                do {
                    before = attackers.sumOf { it.sent }
                    attackers.forEach { it.send(piece) shouldBe true }
                    neighbour.mustGetOn(10)
                } while (attackers.sumOf { it.sent } > before)
                neighbour.mustGetOn()
                server.connections shouldBe MANY
                eventually("there is room again") {
                    attackers.forEach { it.isThrownOut() shouldBe false }
                    attackers.forEach { it.send(piece) shouldBe true }
                    attackers.sumOf { it.sent } > before
                }
            }
            eventually("all are gone") { server.connections == 0 }
        }
    }
})
