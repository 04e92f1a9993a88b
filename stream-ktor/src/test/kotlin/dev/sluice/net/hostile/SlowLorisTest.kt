package dev.sluice.net.hostile

import dev.sluice.IncompleteReadException
import dev.sluice.StreamReader
import dev.sluice.net.eventually
import dev.sluice.net.port
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.withTimeoutOrNull
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration.Companion.milliseconds

private const val MANY = 500
private const val BYTES = 10

/** Requests that come a byte now and then, and never whole. */
internal class SlowLorisTest : FunSpec({
    test("a reader holds the bytes of an endless request that have come and asks for the rest, while its loop serves others") {
        val readers = ConcurrentLinkedQueue<StreamReader>()
        val failures = ConcurrentLinkedQueue<Throwable>()
        besideNeighbour({ onError = { _, e -> failures += e } }, { (reader, _) ->
            readers += reader
            reader.readUntil(END_OF_REQUEST)
        }) { server, neighbour ->
            withAttackers(MANY, server.port) { attackers ->
                repeat(BYTES) {
                    attackers.forEach { it.send(BYTE) shouldBe true }
                    neighbour.mustGetOn(20)
                }
                eventually("all bytes have come") {
                    readers.size == MANY && readers.all { it.toString() == "StreamReader(buffered=$BYTES, reading)" }
                }
                server.connections shouldBe MANY
            }
            eventually("all are gone") { server.connections == 0 }
        }
        failures.map { (it as IncompleteReadException).partial.size } shouldBe List(MANY) { BYTES }
    }

    test("who gives a request a time gets rid of those who send on and on, in that time") {
        val givenUp = AtomicInteger()
        besideNeighbour(handler = { (reader, _) ->
            withTimeoutOrNull(500.milliseconds) { reader.readUntil(END_OF_REQUEST) } ?: givenUp.incrementAndGet()
        }) { server, neighbour ->
            withAttackers(MANY, server.port) { attackers ->
                eventually("all have been thrown out") {
                    attackers.forEach { it.send(BYTE) }
                    attackers.all { it.isThrownOut() }
                }
                neighbour.mustGetOn()
                eventually("all are gone") { server.connections == 0 }
                givenUp.get() shouldBe MANY
            }
        }
    }
})

private val BYTE = "x".toByteArray()
private val END_OF_REQUEST = "\r\n\r\n".toByteArray()
