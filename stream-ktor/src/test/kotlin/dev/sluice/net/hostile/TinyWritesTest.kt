package dev.sluice.net.hostile

import dev.sluice.WriteLimitException
import dev.sluice.net.plainClient
import dev.sluice.net.port
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.yield
import java.util.concurrent.atomic.AtomicBoolean
import kotlin.concurrent.thread

private const val MILLION = 1_000_000

/** A byte at a time, from the peer and to it. */
internal class TinyWritesTest : FunSpec({
    for (size in listOf(1, 64 * 1024)) {
        test("a million lines of one byte, $size to a packet, are a million lines, and the loop serves others meanwhile") {
            val lines = CompletableDeferred<Int>()
            besideNeighbour(handler = { (reader, _) ->
                var count = 0
                while (reader.readLine() != null) count++
                lines.complete(count)
            }) { server, neighbour ->
                var sent = 0
                val goesOn = AtomicBoolean(true)
                val packet = ByteArray(size) { '\n'.code.toByte() }
                plainClient(server.port).use { client ->
                    client.tcpNoDelay = true
                    val attack =
                        thread {
                            while (goesOn.get() || sent < MILLION) {
                                client.getOutputStream().write(packet)
                                sent += size
                            }
                        }
                    try {
                        neighbour.mustGetOn()
                    } finally {
                        goesOn.set(false)
                        attack.join()
                    }
                }
                lines.await() shouldBe sent
            }
        }
    }

    test("bytes written one by one to a peer that reads nothing are refused at the limit, and all arrive when it reads") {
        val written = CompletableDeferred<Int>()
        val pending = CompletableDeferred<Long>()
        besideNeighbour({ writeLimit = MILLION }, { (_, writer) ->
            var count = 0
            try {
                while (true) {
                    writer.write(BYTE)
                    if (++count % 1000 == 0) yield()
                }
            } catch (_: WriteLimitException) {
                pending.complete(writer.pending)
                written.complete(count)
            }
        }) { server, neighbour ->
            plainClient(server.port).use { client ->
                pending.await() shouldBe MILLION
                neighbour.mustGetOn()
                client.getInputStream().readAllBytes().size shouldBe written.await()
            }
        }
    }
})

private val BYTE = "x".toByteArray()
