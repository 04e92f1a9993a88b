package dev.sluice.testing

import dev.sluice.transport.Transport
import io.kotest.core.spec.style.FunSpec
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import kotlin.time.Duration.Companion.milliseconds

/** What is in the box keeps the contract. What the checks find is in [StreamConformanceFindsTest]. */
internal class StreamConformanceTest : FunSpec({
    for (capacity in listOf(1, 2, 7, 1000, DEFAULT_CAPACITY)) {
        test("memory pair of $capacity bytes") { checkHalfCloseableStream { memoryTransportPair(capacity) } }
    }

    for (chunking in listOf(Chunking.OneByte, Chunking.fixed(3), Chunking.random(1), Chunking.random(2))) {
        test("memory pair with chunks $chunking") { checkHalfCloseableStream { memoryTransportPair(chunking = chunking) } }
    }

    test("memory pair in threads, in one thread and in virtual time") {
        withContext(Dispatchers.Default) { checkHalfCloseableStream { memoryTransportPair(capacity = 5) } }
        runBlocking { checkHalfCloseableStream { memoryTransportPair(capacity = 5) } }
        withContext(Dispatchers.Unconfined) { checkHalfCloseableStream { memoryTransportPair(capacity = 5) } }
        runTest { checkHalfCloseableStream { memoryTransportPair(capacity = 5) } }
    }

    test("clogged pair") {
        checkHalfCloseableStream(makeClogged = { cloggedTransportPair() }) { memoryTransportPair() }
        checkHalfCloseableStream(makeClogged = { cloggedTransportPair(7, Chunking.OneByte) }) { memoryTransportPair(7) }
        checkHalfCloseableStream(makeClogged = { faultyPair { shortWrites = true }.clogged() }) { memoryTransportPair() }
    }

    test("lockstep pair") {
        checkHalfCloseableStream(makeClogged = { lockstepTransportPair() }) { lockstepTransportPair() }
        checkHalfCloseableStream { lockstepTransportPair() }
    }

    val harmless: Map<String, Faults.() -> Unit> =
        mapOf(
            "nothing" to { },
            "short reads and writes" to {
                shortReads = true
                shortWrites = true
            },
            "one-byte chunks" to { oneByteChunks = true },
            "delays" to { delay = 3.milliseconds },
            "delays of short pieces" to {
                delay = 3.milliseconds
                shortReads = true
                shortWrites = true
            },
            "faults that are far away" to {
                resetAtByte = Long.MAX_VALUE
                stallAtByteRead = Long.MAX_VALUE
            },
        )
    for ((name, faults) in harmless) {
        test("faulty pair with $name") {
            runTest { checkHalfCloseableStream { faultyPair(faults) } }
        }
    }
})

private fun faultyPair(faults: Faults.() -> Unit): Pair<Transport, Transport> {
    val (a, b) = memoryTransportPair()
    return FaultyTransport(a, faults) to FaultyTransport(b, faults)
}
