package dev.sluice.testing

import dev.sluice.ConnectionResetException
import dev.sluice.StreamClosedException
import dev.sluice.StreamInfo
import dev.sluice.bounds
import dev.sluice.transport.Transport
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import java.io.IOException
import java.nio.ByteBuffer

/**
 * Transports that are wrong, each in one way that has happened to somebody. They wrap one that is right.
 */
internal open class Broken(
    val inner: Transport,
) : Transport by inner

internal fun ByteBuffer.skipAll(): Int = remaining().also { bounds(limit(), limit()) }

internal class LosesByteOnCancel(
    inner: Transport,
) : Broken(inner) {
    private var ahead: Byte? = null

    override suspend fun awaitReadable() {
        if (ahead != null) return
        inner.awaitReadable()
        val one = ByteBuffer.allocate(1)
        if (inner.tryRead(one) == 1) {
            yield()
            ahead = one.get(0)
        }
    }

    override fun tryRead(into: ByteBuffer): Int {
        val byte = ahead ?: return inner.tryRead(into)
        if (!into.hasRemaining()) return 0
        into.put(byte)
        ahead = null
        return 1
    }
}

internal class LosesByteOnCancelledWrite(
    inner: Transport,
) : Broken(inner) {
    private var dropNext = false

    override suspend fun awaitWritable() {
        try {
            inner.awaitWritable()
        } catch (e: CancellationException) {
            dropNext = true
            throw e
        }
    }

    override fun tryWrite(from: ByteBuffer): Int {
        if (!dropNext || !from.hasRemaining()) return inner.tryWrite(from)
        dropNext = false
        from.bounds(from.position() + 1, from.limit())
        return 1 + inner.tryWrite(from)
    }
}

internal class Reorders(
    inner: Transport,
) : Broken(inner) {
    override fun tryRead(into: ByteBuffer): Int {
        val position = into.position()
        val count = inner.tryRead(into)
        if (count >= 2) {
            val byte = into.get(position)
            into.put(position, into.get(position + 1))
            into.put(position + 1, byte)
        }
        return count
    }
}

internal class DoublesByte(
    inner: Transport,
) : Broken(inner) {
    private var doubled = false

    override fun tryRead(into: ByteBuffer): Int {
        val count = inner.tryRead(into)
        if (count < 1 || doubled || !into.hasRemaining()) return count
        doubled = true
        into.put(into.get(into.position() - 1))
        return count + 1
    }
}

internal class ChangesWhatItWrites(
    inner: Transport,
) : Broken(inner) {
    override fun tryWrite(from: ByteBuffer): Int {
        val position = from.position()
        val count = inner.tryWrite(from)
        if (count > 0 && !from.isReadOnly) from.put(position, (from.get(position) + 1).toByte())
        return count
    }
}

internal class EndsOnce(
    inner: Transport,
    private val then: () -> Int,
) : Broken(inner) {
    private var ended = false

    override fun tryRead(into: ByteBuffer): Int {
        if (ended) return then()
        return inner.tryRead(into).also { ended = it < 0 }
    }
}

internal class EndsWhenEmpty(
    inner: Transport,
) : Broken(inner) {
    override fun tryRead(into: ByteBuffer): Int = inner.tryRead(into).let { if (it == 0 && into.hasRemaining()) -1 else it }
}

internal class EndsWithoutRoom(
    inner: Transport,
) : Broken(inner) {
    override fun tryRead(into: ByteBuffer): Int = if (into.hasRemaining()) inner.tryRead(into) else -1
}

internal class BusyReading(
    inner: Transport,
    private val pause: suspend () -> Unit,
) : Broken(inner) {
    override suspend fun awaitReadable() = pause()
}

internal class BusyWriting(
    inner: Transport,
    private val pause: suspend () -> Unit,
) : Broken(inner) {
    override suspend fun awaitWritable() {
        inner.tryWrite(ByteBuffer.allocate(0))
        pause()
    }
}

internal class SwallowsWriteErrors(
    inner: Transport,
    private val errorsToTell: Int,
) : Broken(inner) {
    private var told = 0

    override fun tryWrite(from: ByteBuffer): Int =
        try {
            inner.tryWrite(from)
        } catch (e: ConnectionResetException) {
            if (told++ < errorsToTell) throw e
            from.skipAll()
        }
}

internal class SwallowsReadErrors(
    inner: Transport,
) : Broken(inner) {
    override fun tryRead(into: ByteBuffer): Int =
        try {
            inner.tryRead(into)
        } catch (_: ConnectionResetException) {
            0
        }

    override suspend fun awaitReadable() =
        try {
            inner.awaitReadable()
        } catch (_: ConnectionResetException) {
            awaitCancellation()
        }
}

/** Calls [failure] for what the transport would throw. */
internal class FailsOtherwise(
    inner: Transport,
    private val failure: (IOException) -> Exception,
) : Broken(inner) {
    override fun tryWrite(from: ByteBuffer): Int = failing { inner.tryWrite(from) }

    override fun tryRead(into: ByteBuffer): Int = failing { inner.tryRead(into) }

    override suspend fun awaitReadable() = failing { inner.awaitReadable() }

    private inline fun <T> failing(call: () -> T): T =
        try {
            call()
        } catch (e: IOException) {
            throw failure(e)
        }
}

internal class MovesAndThrows(
    inner: Transport,
) : Broken(inner) {
    override fun tryWrite(from: ByteBuffer): Int =
        try {
            inner.tryWrite(from)
        } catch (e: ConnectionResetException) {
            from.skipAll()
            throw e
        }
}

internal class DeafToClose(
    inner: Transport,
) : Broken(inner) {
    @Volatile
    private var closed = false

    override fun close() {
        closed = true
    }

    override fun abort() = close()

    override fun tryRead(into: ByteBuffer): Int = checkOpen { inner.tryRead(into) }

    override fun tryWrite(from: ByteBuffer): Int = checkOpen { inner.tryWrite(from) }

    override suspend fun awaitReadable() = checkOpen { inner.awaitReadable() }

    override suspend fun awaitWritable() = checkOpen { inner.awaitWritable() }

    private inline fun <T> checkOpen(call: () -> T): T {
        if (closed) throw StreamClosedException("closed")
        return call()
    }
}

internal class EndsAtOwnClose(
    inner: Transport,
) : Broken(inner) {
    override fun tryRead(into: ByteBuffer): Int =
        try {
            inner.tryRead(into)
        } catch (_: StreamClosedException) {
            -1
        }
}

/** As [EndsAtOwnClose], but only when it is closed while much is under way. */
internal class EndsAtCloseUnderWay(
    inner: Transport,
) : Broken(inner) {
    private var bytes = 0

    override fun tryRead(into: ByteBuffer): Int =
        try {
            inner.tryRead(into).also { bytes += it }
        } catch (e: StreamClosedException) {
            if (bytes > 100) -1 else throw e
        }

    override suspend fun awaitReadable() =
        try {
            inner.awaitReadable()
        } catch (e: StreamClosedException) {
            if (bytes <= 100) throw e else Unit
        }
}

internal class WaitsAfterClose(
    inner: Transport,
) : Broken(inner) {
    override suspend fun awaitReadable() =
        try {
            inner.awaitReadable()
        } catch (_: StreamClosedException) {
            awaitCancellation()
        }
}

internal class ThrowsOnSecond(
    inner: Transport,
    private val call: String,
) : Broken(inner) {
    private var calls = 0

    override fun close() = once("close") { inner.close() }

    override fun abort() = once("abort") { inner.abort() }

    override fun writeEof() = once("writeEof") { inner.writeEof() }

    private fun once(
        name: String,
        end: () -> Unit,
    ) {
        if (name == call && calls++ > 0) throw IOException("$name again")
        end()
    }
}

/** A pair that forgets what is under way when the sender ends in one of two ways. */
internal fun forgetfulPair(
    atClose: Boolean = false,
    atWriteEof: Boolean = false,
): Pair<Transport, Transport> {
    val (a, b) = memoryTransportPair()
    var gone = false
    val sender =
        object : Broken(a) {
            override fun close() {
                gone = gone || atClose
                inner.close()
            }

            override fun writeEof() {
                gone = gone || atWriteEof
                inner.writeEof()
            }
        }
    val receiver =
        object : Broken(b) {
            override fun tryRead(into: ByteBuffer): Int {
                val count = inner.tryRead(into)
                if (count > 0 && gone) into.bounds(into.position() - count, into.limit())
                return if (gone) -1 else count
            }
        }
    return sender to receiver
}

internal class WritesAfterEof(
    inner: Transport,
) : Broken(inner) {
    private var ended = false

    override fun writeEof() {
        ended = true
        inner.writeEof()
    }

    override fun tryWrite(from: ByteBuffer): Int = if (ended) from.skipAll() else inner.tryWrite(from)
}

internal class WriteEofEndsAll(
    inner: Transport,
) : Broken(inner) {
    override fun writeEof() = inner.close()
}

internal class DeniesWriteEof(
    inner: Transport,
    private val atWriteEof: () -> Unit,
) : Broken(inner) {
    override val canWriteEof: Boolean get() = false

    override fun writeEof() = atWriteEof()
}

internal class IgnoresBounds(
    inner: Transport,
) : Broken(inner) {
    override fun tryRead(into: ByteBuffer): Int {
        val count = inner.tryRead(into.duplicate().bounds(0, minOf(into.capacity(), into.remaining())))
        if (count > 0) into.bounds(into.position() + count, into.limit())
        return count
    }
}

internal class OverrunsLimit(
    inner: Transport,
) : Broken(inner) {
    override fun tryRead(into: ByteBuffer): Int {
        val limit = into.limit()
        into.bounds(into.position(), into.capacity())
        val count = inner.tryRead(into)
        into.bounds(minOf(into.position(), limit), limit)
        return count
    }
}

internal class MovesLimit(
    inner: Transport,
) : Broken(inner) {
    override fun tryRead(into: ByteBuffer): Int =
        inner.tryRead(into).also { if (it > 0) into.bounds(into.position(), into.position()) }
}

internal class LeavesPosition(
    inner: Transport,
) : Broken(inner) {
    override fun tryRead(into: ByteBuffer): Int = inner.tryRead(into.duplicate())
}

internal class LeavesWritePosition(
    inner: Transport,
) : Broken(inner) {
    override fun tryWrite(from: ByteBuffer): Int = inner.tryWrite(from.duplicate())
}

internal class BlocksReading(
    inner: Transport,
) : Broken(inner) {
    override fun tryRead(into: ByteBuffer): Int {
        runBlocking { inner.awaitReadable() }
        return inner.tryRead(into)
    }
}

internal class BlocksWriting(
    inner: Transport,
) : Broken(inner) {
    override fun tryWrite(from: ByteBuffer): Int {
        runBlocking { inner.awaitWritable() }
        return inner.tryWrite(from)
    }
}

internal class SleepsAtTheEnd(
    inner: Transport,
) : Broken(inner) {
    private var ended = false

    override fun tryRead(into: ByteBuffer): Int = inner.tryRead(into).also { ended = it < 0 }

    override suspend fun awaitReadable() = if (ended) awaitCancellation() else inner.awaitReadable()
}

internal class IgnoresCancellation(
    inner: Transport,
) : Broken(inner) {
    override suspend fun awaitReadable() = withContext(NonCancellable) { inner.awaitReadable() }
}

internal class IgnoresWriteCancellation(
    inner: Transport,
) : Broken(inner) {
    override suspend fun awaitWritable() = withContext(NonCancellable) { inner.awaitWritable() }
}

/** Never wakes a writer that has met a full buffer. */
internal class MissesRoom(
    inner: Transport,
) : Broken(inner) {
    private var full = false

    override fun tryWrite(from: ByteBuffer): Int = inner.tryWrite(from).also { full = it == 0 && from.hasRemaining() }

    override suspend fun awaitWritable() = if (full) awaitCancellation() else inner.awaitWritable()
}

/** Does not notice while it waits that its peer has gone. */
internal class MissesPeer(
    inner: Transport,
) : Broken(inner) {
    override suspend fun awaitWritable() =
        try {
            inner.awaitWritable()
        } catch (_: ConnectionResetException) {
            awaitCancellation()
        }
}

/** Ends only its output. */
internal class EndsByHalves(
    inner: Transport,
    private val call: String,
) : Broken(inner) {
    private var ended = false

    override fun close() {
        ended = ended || call == "close"
        inner.close()
    }

    override fun abort() {
        ended = ended || call == "abort"
        inner.abort()
    }

    override fun tryRead(into: ByteBuffer): Int = if (ended) 0 else inner.tryRead(into)

    override suspend fun awaitReadable() =
        try {
            inner.awaitReadable()
        } catch (e: StreamClosedException) {
            if (ended) awaitCancellation() else throw e
        }
}

internal class ForgetsInfo(
    inner: Transport,
) : Broken(inner) {
    private var closed = false

    override val info: StreamInfo get() = if (closed) error("closed") else inner.info

    override fun close() {
        closed = true
        inner.close()
    }
}
