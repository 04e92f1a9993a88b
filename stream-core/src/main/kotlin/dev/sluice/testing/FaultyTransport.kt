package dev.sluice.testing

import dev.sluice.StreamInfo
import dev.sluice.transport.Transport
import java.nio.ByteBuffer

/**
 * A transport that misbehaves on purpose, to see how a protocol bears it: slow, in small pieces, reset or stalled at a
 * given byte.
 *
 * ```kotlin
 * val (client, server) = memoryTransportPair()
 * val faulty = FaultyTransport(client) {
 *     shortReads = true
 *     resetAtByte = 100
 * }
 * ```
 * All of it is deterministic. Short pieces come from [Faults.seed], delays pass in virtual time where the caller's do.
 *
 * - **A reset** lets the bytes before it pass. From then on reads, writes and waits throw
 *   [dev.sluice.ConnectionResetException], and the peer sees what [inner] shows it after `abort()`.
 * - **A stall** lets the bytes before it pass. From then on nothing can be moved and waits don't return, until they are
 *   cancelled or the transport is closed or aborted.
 *
 * @param inner the transport that works; it ends with this one
 * @param configure says what goes wrong
 */
public class FaultyTransport(
    private val inner: Transport,
    configure: Faults.() -> Unit,
) : Transport {
    private val ending = FaultyEnding()
    private val traffic: Traffic
    private val reading: FaultyFlow
    private val writing: FaultyFlow
    private val errorWithLastData: Boolean

    init {
        val faults = Faults().apply(configure)
        errorWithLastData = faults.errorWithLastData
        traffic = Traffic(faults)
        reading = FaultyFlow(Direction.READ, faults, traffic, ending)
        writing = FaultyFlow(Direction.WRITTEN, faults, traffic, ending)
        resetIfDue()
    }

    override val info: StreamInfo get() = inner.info

    override val canWriteEof: Boolean get() = inner.canWriteEof

    override fun tryRead(into: ByteBuffer): Int {
        val count = reading.move(into, inner::tryRead)
        resetIfDue()
        if (errorWithLastData) ending.check()
        return count
    }

    override suspend fun awaitReadable(): Unit = reading.await { inner.awaitReadable() }

    override fun tryWrite(from: ByteBuffer): Int = writing.move(from, inner::tryWrite).also { resetIfDue() }

    override suspend fun awaitWritable(): Unit = writing.await { inner.awaitWritable() }

    override fun writeEof() {
        ending.check()
        if (!inner.canWriteEof || !writing.isStalled) inner.writeEof()
    }

    override fun close() {
        ending.close()
        inner.close()
    }

    override fun abort() {
        ending.close()
        inner.abort()
    }

    private fun resetIfDue() {
        if (traffic.isReset && ending.reset()) inner.abort()
    }
}
