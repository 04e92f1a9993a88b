package dev.sluice.tls

import dev.sluice.ConnectionResetException
import dev.sluice.StreamClosedException
import dev.sluice.StreamInfo
import dev.sluice.toPeer
import dev.sluice.transport.BufferingSink
import dev.sluice.transport.ClosesLater
import dev.sluice.transport.Transport
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.launch
import java.io.IOException
import java.nio.ByteBuffer
import java.util.concurrent.atomic.AtomicBoolean
import javax.net.ssl.SSLEngine
import javax.net.ssl.SSLException
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration

/**
 * TLS over any transport, when the [TlsHandshake] is done.
 *
 * **Two halves.** [input] and [output] have one caller each, at the same time: engines allow for it. Between the two there is only what an
 * engine answers by itself: that it has new keys, or an alert for a record that is not what the peer sent.
 *
 * **The end.** [close] keeps the callers out, by way of each [Half], and leaves the rest to a [TlsShutdown] in the [background].
 */
internal open class TlsTransport(
    private val below: Transport,
    engine: SSLEngine,
    private val input: TlsInput,
    private val output: TlsOutput,
    shutdownTimeout: Duration,
    private val background: CoroutineContext,
) : Transport,
    BufferingSink,
    ClosesLater {
    override val info: StreamInfo = TlsInfo(below.info, engine)

    private val reading = Half(::closedByThisSide)
    private val writing = Half(::closedByThisSide)
    private val sender = TlsSender(below, output, writing, background, ::reasonOf)
    private val shutdown = TlsShutdown(below, input, output, reading, writing, shutdownTimeout)
    private val closing = AtomicBoolean()

    /** In TLS 1.2 the end of one direction is that of both. */
    override val canWriteEof: Boolean = engine.session.protocol == TLS_1_3

    protected val isClosing: Boolean get() = closing.get()

    /** Whether a read is worth a call although nothing comes from below. */
    protected val hasNews: Boolean get() = input.hasNews

    override fun tryRead(into: ByteBuffer): Int {
        val wasWell = input.failure == null
        try {
            return reading.tryUse { input.tryRead(into) } ?: 0
        } finally {
            if (input.unanswered > 0 || (wasWell && input.failure is SSLException)) answer()
        }
    }

    override suspend fun awaitReadable(): Unit = reading.await { if (!hasNews) below.awaitReadable() }

    override fun tryWrite(from: ByteBuffer): Int = tryWrite(arrayOf(from), 1).toInt()

    fun tryWrite(
        from: Array<ByteBuffer>,
        count: Int,
    ): Long {
        checkInput()
        return sender.tryWrite(from, count)
    }

    override fun isFlushed(): Boolean = sender.isFlushed()

    override suspend fun awaitWritable(): Unit = sender.awaitWritable()

    override fun writeEof() {
        if (!canWriteEof) throw UnsupportedOperationException("TLS 1.2 can't end its output and go on reading")
        checkInput()
        sender.end()
    }

    override fun close() {
        if (!closing.compareAndSet(false, true)) return
        reading.shut()
        writing.shut()
        CoroutineScope(background).launch(start = CoroutineStart.UNDISPATCHED) { shutdown.run() }
    }

    override suspend fun awaitDelivered(): Unit = shutdown.awaitDelivered()

    /** Also after a failure: who is told of it aborts, and that would take back what is on its way. */
    override suspend fun awaitReleased() {
        try {
            shutdown.awaitDone()
        } finally {
            if (below is ClosesLater) below.awaitReleased()
        }
    }

    override fun abort() {
        below.abort()
        if (!closing.compareAndSet(false, true)) return
        reading.shut()
        writing.shut()
        shutdown.omit()
    }

    override fun toString(): String = "TlsTransport($info)"

    /** An engine that could not decrypt something does not encrypt any more. */
    private fun checkInput() {
        (input.failure as? SSLException)?.let { if (!isClosing) throw it }
    }

    /** A peer that gives up says why before it goes: that may be here and unread, and says more than that it is gone. */
    private fun reasonOf(loss: ConnectionResetException): IOException {
        reading.visit(input::takeNews)
        return input.failure as? SSLException ?: loss
    }

    private fun answer() {
        try {
            sender.speak()
        } catch (_: IOException) {
            // Who writes hears of it; and a failure that the peer would be told of is reported to who reads.
        }
    }

    private fun closedByThisSide() = StreamClosedException("the stream${info.toPeer()} was closed by this side")
}
