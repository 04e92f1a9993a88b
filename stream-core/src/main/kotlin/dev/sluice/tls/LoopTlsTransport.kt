package dev.sluice.tls

import dev.sluice.bounds
import dev.sluice.transport.LoopTransport
import dev.sluice.transport.LossListener
import kotlinx.coroutines.CancellableContinuation
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import javax.net.ssl.SSLEngine
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.resume
import kotlin.time.Duration

/** TLS over a transport that an event loop drives: small writes of one turn share a record, and waits are as cheap as there. */
internal class LoopTlsTransport(
    private val below: LoopTransport,
    engine: SSLEngine,
    input: TlsInput,
    output: TlsOutput,
    shutdownTimeout: Duration,
    background: CoroutineContext,
) : TlsTransport(below, engine, input, output, shutdownTimeout, background),
    LoopTransport {
    override val isInLoop: Boolean get() = below.isInLoop

    override fun afterTurn(task: Runnable): Unit = below.afterTurn(task)

    override fun wakeReader(): Unit = below.wakeReader()

    override fun whenLost(listener: LossListener): Unit = below.whenLost(listener)

    override fun resumeWhenReadable(waiting: CancellableContinuation<Unit>) {
        if (hasNews || isClosing) return waiting.resume(Unit)
        below.resumeWhenReadable(waiting)
        // Whoever closed this in between has woken nobody. The next read says that it is closed.
        if (isClosing) below.wakeReader()
    }

    override suspend fun awaitDelivered(): Unit = super<TlsTransport>.awaitDelivered()

    override fun close() {
        super.close()
        below.wakeReader()
    }

    override fun tryTransfer(
        file: FileChannel,
        position: Long,
        count: Long,
    ): Long {
        if (!isFlushed()) return 0
        val piece = PacketBuffers.borrow(0)
        try {
            piece.bounds(0, minOf(piece.capacity().toLong(), count).toInt())
            if (file.read(piece, position) <= 0) return 0
            return tryWrite(piece.bounds(0, piece.position())).toLong()
        } finally {
            PacketBuffers.giveBack(piece)
        }
    }
}
