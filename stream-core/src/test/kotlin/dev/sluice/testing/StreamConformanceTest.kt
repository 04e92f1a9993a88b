package dev.sluice.testing

import dev.sluice.andThoroughly
import dev.sluice.isThorough
import dev.sluice.transport.Transport
import io.kotest.core.spec.style.FunSpec
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import java.nio.ByteBuffer
import kotlin.time.Duration.Companion.milliseconds

/** What is in the box keeps the contract. What the checks find is in [StreamConformanceFindsTest]. */
internal class StreamConformanceTest : FunSpec({
    for (capacity in listOf(1, DEFAULT_CAPACITY).andThoroughly(2, 7, 1000)) {
        test("memory pair of $capacity bytes") { checkHalfCloseableStream { memoryTransportPair(capacity) } }
    }

    for (chunking in listOf(Chunking.random(1)).andThoroughly(Chunking.OneByte, Chunking.fixed(3), Chunking.random(2))) {
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

    test("a pair whose waits may return early until a read has found nothing") {
        checkHalfCloseableStream {
            val (a, b) = memoryTransportPair()
            HastyWaits(a) to HastyWaits(b)
        }
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
    for ((name, faults) in harmless - if (isThorough) emptySet() else setOf("nothing", "delays", "faults that are far away")) {
        test("faulty pair with $name") {
            runTest { checkHalfCloseableStream { faultyPair(faults) } }
        }
    }
})

private fun faultyPair(faults: Faults.() -> Unit): Pair<Transport, Transport> {
    val (a, b) = memoryTransportPair()
    return FaultyTransport(a, faults) to FaultyTransport(b, faults)
}

/** As where a selector says that bytes have come, and they have been read already. */
private class HastyWaits(
    private val inner: Transport,
) : Transport by inner {
    private var isHinted = false

    override fun tryRead(into: ByteBuffer): Int {
        isHinted = false
        return inner.tryRead(into).also { isHinted = it > 0 }
    }

    override suspend fun awaitReadable() {
        if (!isHinted) inner.awaitReadable()
    }
}
