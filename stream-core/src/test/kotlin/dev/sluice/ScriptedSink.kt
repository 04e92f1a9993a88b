package dev.sluice

import dev.sluice.transport.ByteSink
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.suspendCancellableCoroutine
import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer
import kotlin.coroutines.resume

/**
 * A sink that does what a test tells it: it takes as many bytes as it was given [room] for and keeps them, fails on demand,
 * and counts what is asked of it.
 *
 * @param room how many bytes it takes before it is full
 * @param atMost how many of them at a time
 */
internal class ScriptedSink(
    room: Long = Long.MAX_VALUE,
    private val atMost: Int = Int.MAX_VALUE,
    override val canWriteEof: Boolean = true,
) : ByteSink {
    private val lock = Any()
    private val taken = ByteArrayOutputStream()
    private var room = room
    private var failure: Throwable? = null
    private var waiter: CancellableContinuation<Unit>? = null

    /** Runs at the beginning of each [tryWrite], in the flusher's frames. */
    @Volatile
    var onWrite: () -> Unit = {}

    /** What [close] throws, if anything. */
    @Volatile
    var closeFailure: Throwable? = null

    @Volatile
    var tryWrites = 0
        private set

    @Volatile
    var eofs = 0
        private set

    @Volatile
    var closes = 0
        private set

    val bytes: ByteArray get() = synchronized(lock) { taken.toByteArray() }
    val text: String get() = bytes.decodeToString()
    val size: Int get() = synchronized(lock) { taken.size() }

    /** Whether somebody waits for room. */
    val isAwaited: Boolean get() = synchronized(lock) { waiter != null }

    /** Makes room for [count] more bytes. */
    fun open(count: Long = Long.MAX_VALUE): Unit = wakeAfter { room = if (count == Long.MAX_VALUE) count else room + count }

    /** Throws [cause] from now on. */
    fun fail(cause: Throwable): Unit = wakeAfter { failure = cause }

    override fun tryWrite(from: ByteBuffer): Int {
        onWrite()
        return synchronized(lock) {
            tryWrites++
            failure?.let { throw it }
            if (closes > 0) throw StreamClosedException("the sink was closed")
            val count = minOf(from.remaining().toLong(), room, atMost.toLong()).toInt()
            if (room != Long.MAX_VALUE) room -= count
            val bytes = ByteArray(count)
            from.get(bytes)
            taken.write(bytes)
            count
        }
    }

    override suspend fun awaitWritable() {
        suspendCancellableCoroutine { continuation ->
            val ready =
                synchronized(lock) {
                    check(waiter == null) { "two wait for this sink at once" }
                    isReady().also { if (!it) waiter = continuation }
                }
            if (ready) {
                continuation.resume(Unit)
            } else {
                continuation.invokeOnCancellation { synchronized(lock) { if (waiter === continuation) waiter = null } }
            }
        }
        if (closes > 0) throw StreamClosedException("the sink was closed")
    }

    override fun writeEof() {
        synchronized(lock) {
            failure?.let { throw it }
            eofs++
        }
    }

    override fun close() {
        wakeAfter { closes++ }
        closeFailure?.let { throw it }
    }

    private fun isReady() = room > 0 || failure != null || closes > 0

    private fun wakeAfter(change: () -> Unit) {
        val woken =
            synchronized(lock) {
                change()
                waiter?.takeIf { isReady() }?.also { waiter = null }
            }
        woken?.resume(Unit)
    }
}
