package dev.sluice.tls

import dev.sluice.andThoroughly
import dev.sluice.testing.Chunking
import dev.sluice.testing.checkHalfCloseableStream
import dev.sluice.testing.checkTwoWayStream
import dev.sluice.testing.lockstepTransportPair
import dev.sluice.testing.memoryTransportPair
import io.kotest.core.spec.style.FunSpec
import kotlin.time.Duration.Companion.milliseconds

/** A peer that has closed hears what still comes for as long as its shutdownTimeout: here not long, for the kit waits for the refusal. */
private val QUICK = 100.milliseconds

internal class TlsConformanceTest : FunSpec({
    for (chunking in listOf(Chunking.OneByte).andThoroughly(Chunking.AsItComes, Chunking.random(1))) {
        test("TLS 1.3 over memory, $chunking, is a stream with half-close") {
            checkHalfCloseableStream {
                memoryTransportPair(
                    chunking = chunking,
                ).withTls(quickly(TLS_1_3), quicklyServing(TLS_1_3))
            }
        }
    }

    for (chunking in listOf(Chunking.AsItComes).andThoroughly(Chunking.OneByte, Chunking.random(1))) {
        test("TLS 1.2 over memory, $chunking, is a stream") {
            checkTwoWayStream { memoryTransportPair(chunking = chunking).withTls(quickly(TLS_1_2), quicklyServing(TLS_1_2)) }
        }
    }

    test("TLS over a transport without any buffer is a stream") {
        checkHalfCloseableStream { lockstepTransportPair().withTls(quickly(TLS_1_3), quicklyServing(TLS_1_3)) }
        checkTwoWayStream { lockstepTransportPair().withTls(quickly(TLS_1_2), quicklyServing(TLS_1_2)) }
    }
})

private fun quickly(version: String) =
    clientTls {
        shutdownTimeout = QUICK
        protocols = listOf(version)
    }

private fun quicklyServing(version: String) =
    serverTls {
        shutdownTimeout = QUICK
        protocols = listOf(version)
    }
