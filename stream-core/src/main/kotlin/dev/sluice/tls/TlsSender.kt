package dev.sluice.tls

import dev.sluice.ConnectionResetException
import dev.sluice.StreamClosedException
import dev.sluice.forCaller
import dev.sluice.toPeer
import dev.sluice.transport.Transport
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Job
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import java.io.IOException
import java.nio.ByteBuffer
import kotlin.coroutines.CoroutineContext

/**
 * The writing half of a TLS connection.
 *
 * Records for which there is no room below can't wait for the caller to come back: to the caller the bytes are gone. So the [flush], a
 * coroutine, takes the [output] over until they are; meanwhile nothing is taken, and an end of the output is only noted down.
 */
internal class TlsSender(
    private val below: Transport,
    private val output: TlsOutput,
    private val half: Half,
    private val background: CoroutineContext,
    private val reasonOf: (ConnectionResetException) -> IOException,
) {
    /** Changed under the lock, which is this object; it has the output as long as it is there. */
    @Volatile
    private var flush: Job? = null
    private var endsAfterFlush = false

    @Volatile
    private var failure: IOException? = null

    init {
        passOn()
    }

    fun tryWrite(
        from: Array<ByteBuffer>,
        count: Int,
    ): Long {
        if (isBusy()) return 0
        try {
            val taken = half.tryUse { output.tryWrite(from, count) } ?: return 0
            passOn()
            return taken
        } catch (e: ConnectionResetException) {
            throw reasonOf(e)
        }
    }

    fun isFlushed(): Boolean = !isBusy()

    suspend fun awaitWritable() {
        val flush = flush ?: return half.await { below.awaitWritable() }
        flush.join()
        half.checkOpen()
    }

    /** Ends the output after what was taken. */
    fun end() {
        synchronized(this) {
            if (isBusy()) {
                endsAfterFlush = true
                return
            }
        }
        if (half.tryUse(output::end) != null) return passOn()
        // The reader is at it, with an answer.
        synchronized(this) { endsAfterFlush = true }
        startFlush()
    }

    /** Sends what the engine itself has to say; unless the caller is at it, or records wait, for then it leaves with or after those. */
    fun speak() {
        if (flush != null) return
        half.visit {
            if (output.isEmpty) {
                output.speak()
                output.tryFlush()
            }
        }
    }

    private fun isBusy(): Boolean {
        half.checkOpen()
        failure?.let { throw it.forCaller() }
        return flush != null
    }

    private fun passOn() {
        if (!output.isEmpty) startFlush()
    }

    private fun startFlush() {
        val flush = CoroutineScope(background).launch(start = CoroutineStart.LAZY) { flush() }
        this.flush = flush
        flush.start()
    }

    private suspend fun flush() {
        val self = currentCoroutineContext().job
        try {
            do {
                while (half.tryUse(output::tryFlush) != true) half.await { below.awaitWritable() }
            } while (endsNow())
        } catch (e: ConnectionResetException) {
            failure = reasonOf(e)
        } catch (e: IOException) {
            failure = e
        } catch (e: CancellationException) {
            failure = StreamClosedException("what lies below the stream${below.info.toPeer()} was closed", e)
        } finally {
            // Callers that were let in may have begun the next one by now.
            synchronized(this) { if (flush === self) flush = null }
        }
    }

    /** Ends the output if that was asked for meanwhile; otherwise lets the caller in again. */
    private suspend fun endsNow(): Boolean {
        synchronized(this) {
            if (!endsAfterFlush) {
                flush = null
                return false
            }
            endsAfterFlush = false
        }
        while (half.tryUse(output::end) == null) half.await { }
        return true
    }
}
