package dev.sluice

import dev.sluice.transport.ByteSource
import dev.sluice.transport.LoopTransport
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Job
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.job
import kotlinx.coroutines.suspendCancellableCoroutine
import java.io.IOException
import java.nio.ByteBuffer
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater
import kotlin.coroutines.coroutineContext

/**
 * How bytes get from a source into the [buffer] of a reader, and how that ends: the source's end, its failure, or [shut].
 *
 * One operation at a time owns it, from [begin] to [end], and with it the buffer and the source.
 */
internal class Inflow(
    source: ByteSource,
) : TakesTurns(),
    StreamInfo {
    val buffer = ReadBuffer()

    /** Exchanged in an upgrade, by the one who owns all this. */
    @Volatile
    var source: ByteSource = source
        private set
    private var loop = source as? LoopTransport

    /** The other half of a connection: a reset that is met here is one for it, too. */
    var output: Outflow? = null

    /** 1 while an operation owns all this. */
    @Volatile
    private var busy = 0

    @Volatile
    private var closed = false

    /** How the hold on bytes that were taken is to end, when the buffer is free. */
    @Volatile
    private var holdEnd: HoldEnd? = null

    /** The source had nothing when it was asked last: asking it again comes after waiting for it. */
    private var dry = false

    /** The end was met. Only bytes in the buffer are left. */
    @Volatile
    var ended = false
        private set

    @Volatile
    private var failure: IOException? = null

    /** The wait that [shut] has to end. One on a [LoopTransport] ends by itself, as the transport promises. */
    @Volatile
    private var waiting: Job? = null

    val isInLoop: Boolean get() = loop?.isInLoop ?: ((source as? ReaderSource)?.isInLoop == true)

    /** What the source knows, now: an upgrade adds to it. */
    override fun <T : Any> get(key: InfoKey<T>): T? = source.info[key]

    override fun toString(): String = source.info.toString()

    val atEof: Boolean get() = ended && buffer.isEmpty && !closed

    fun begin() {
        val owned = BUSY.compareAndSet(this, 0, 1)
        if (closed) {
            // What owns it now may be no operation but shut(), which drops the bytes.
            if (owned) end()
            throw closedByThisSide()
        }
        check(owned) { "another coroutine is reading from this reader; one operation at a time, each until its end" }
        if (holdEnd != null) settleHold()
    }

    /**
     * Without the fence of an ordinary volatile write, which costs as much as many an operation: [shut] may still see an owner then who does not
     * see it, and the bytes stay until somebody reads in vain, or forgets the reader.
     */
    fun end() {
        BUSY.lazySet(this, 0)
        if (closed) dropBytesIfIdle()
    }

    /** Adds what the source brings next to the buffer, waiting for it if need be; false at the end. */
    suspend fun fill(): Boolean = fillHere()

    /** The same in the caller's own frame: for operations that wait often, so that a wait costs as few objects as can be. */
    suspend inline fun fillHere(): Boolean = readWaiting { fillNow() } > 0

    /** The same into the caller's own buffer; how many bytes, -1 at the end. */
    suspend inline fun fillHere(into: ByteBuffer): Int = readWaiting { fillNow(into) }

    /**
     * Hands what the source brings next to [writer]; how many bytes, -1 at the end. Between two event loops they do not go through the buffer, which
     * has afterwards what the writer did not take.
     */
    suspend fun passTo(writer: StreamWriter): Int = readWaiting { passNow(writer) }

    private fun passNow(writer: StreamWriter): Int {
        if (loop == null || buffer.isHolding) return fillNow()
        val bytes = CopyBuffers.borrow()
        try {
            val count = readNow { source.tryReadKeeping(bytes) }
            bytes.bounds(0, bytes.position())
            try {
                if (count > 0) writer.writeAtMost(bytes)
            } finally {
                buffer.append(bytes)
            }
            return count
        } finally {
            CopyBuffers.giveBack(bytes)
        }
    }

    /** Adds what the source has now to the buffer; 0 if that is nothing, -1 at the end. */
    fun fillNow(): Int = readNow { buffer.readFrom(source) }

    /** The same for a caller that may not wait, and so has to ask in vain. */
    fun fillUnwaited(): Int {
        dry = false
        return fillNow()
    }

    /** The same, into the caller's own buffer. */
    fun fillUnwaited(into: ByteBuffer): Int {
        dry = false
        return fillNow(into)
    }

    /** As [fillNow], into the caller's own buffer. */
    fun fillNow(into: ByteBuffer): Int {
        if (!buffer.isHolding) return readNow { source.tryReadKeeping(into) }
        val count = fillNow()
        return if (count > 0) buffer.moveTo(into) else count
    }

    /** From now on what is taken is kept, until [letGo] or [giveBack]. */
    fun hold() {
        begin()
        try {
            check(!buffer.isHolding) { "another coroutine receives a message from this reader; one at a time" }
            buffer.hold()
        } finally {
            end()
        }
    }

    fun letGo(): Unit = endHold(HoldEnd.LET_GO)

    fun giveBack(): Unit = endHold(HoldEnd.GIVE_BACK)

    /** Now, or when the next operation begins: one that was begun on the way to a message may still be going on. */
    private fun endHold(how: HoldEnd) {
        holdEnd = how
        if (!BUSY.compareAndSet(this, 0, 1)) return
        if (holdEnd != null) settleHold()
        end()
    }

    /** As the owner. */
    private fun settleHold() {
        when (holdEnd) {
            HoldEnd.LET_GO -> buffer.letGo()
            HoldEnd.GIVE_BACK -> buffer.giveBack()
            null -> Unit
        }
        holdEnd = null
    }

    private enum class HoldEnd { LET_GO, GIVE_BACK }

    /** Ends reading, also an operation that waits now, and leaves the source alone; whether this call did it. */
    fun shut(): Boolean {
        synchronized(this) {
            if (closed) return false
            closed = true
        }
        waiting?.cancel()
        loop?.wakeReader()
        dropBytesIfIdle()
        return true
    }

    /** As the owner: goes on with [next] in the place of the source. */
    fun resumeOn(next: ByteSource) {
        loop = next as? LoopTransport
        source = next
        dry = false
    }

    /** As the owner: the source was lost to whoever had it during an upgrade. */
    fun closeLost(cause: IOException) {
        failure = cause
    }

    private fun dropBytesIfIdle() {
        if (BUSY.compareAndSet(this, 0, 1)) {
            buffer.clear()
            busy = 0
        }
    }

    private inline fun readNow(read: () -> Int): Int {
        if (closed) throw closedByThisSide()
        failure?.let { throw it.forCaller() }
        if (ended) return -1
        if (dry) return 0
        val count =
            try {
                read()
            } catch (e: CancellationException) {
                throw failed(closedBelow(e))
            } catch (e: IOException) {
                throw failed(e)
            }
        // Bytes that were moved on the way to the end of all this are moved: the caller has them.
        if (count > 0) return count
        if (closed) throw closedByThisSide()
        if (count < 0) ended = true
        dry = count == 0
        return count
    }

    private suspend inline fun readWaiting(readNow: () -> Int): Int {
        passTurn()
        while (true) {
            val count = readNow()
            if (count != 0) return count
            buffer.shrinkToWait()
            awaitSource()
            dry = false
        }
    }

    /** Waits for the source, or for [shut], which a loop hears of as soon: [closed] is set before. */
    private suspend inline fun awaitSource() {
        try {
            if (loop == null) {
                untilShut { source.awaitReadable() }
            } else {
                if (!closed) suspendCancellableCoroutine(::resumeWhenReadable)
                if (closed) throw closedByThisSide()
            }
        } catch (e: CancellationException) {
            // A loop keeps who waits, and with it all that the waiter knows: the stream too, which could not be found if it is forgotten.
            loop?.wakeReader()
            coroutineContext.ensureActive()
            throw failed(closedBelow(e))
        } catch (e: IOException) {
            throw failed(e)
        }
    }

    /** A function of its own: what a wait holds on to is memory, and there the loop would be a part of it. */
    private fun resumeWhenReadable(waiting: CancellableContinuation<Unit>) {
        loop!!.resumeWhenReadable(waiting)
    }

    /**
     * Waits in a scope of its own, so that [shut] can end the wait: closing a connection must wake its reader although the
     * transport lives on until everything is written.
     */
    suspend fun untilShut(wait: suspend () -> Unit) {
        try {
            coroutineScope {
                waiting = coroutineContext.job
                if (!closed) wait()
            }
        } catch (e: CancellationException) {
            currentCoroutineContext().ensureActive()
            throw if (closed) closedByThisSide() else e
        } finally {
            waiting = null
        }
        if (closed) throw closedByThisSide()
    }

    /** Keeps the source's failure. A cancellation that is neither the caller's nor from [shut] is one, too. */
    private fun failed(cause: IOException): IOException {
        if (closed) return closedByThisSide()
        failure = cause
        if (cause is ConnectionResetException) output?.lost(cause)
        return cause.forCaller()
    }

    private fun closedBelow(e: CancellationException) = StreamClosedException("what lies below the stream was closed", e)

    private fun closedByThisSide() = StreamClosedException("the stream${source.info.toPeer()} was closed by this side")

    /** For the reader's own description. */
    fun state(): List<String> =
        listOfNotNull(
            "buffered=${buffer.size}",
            "reading".takeIf { busy == 1 },
            "ended".takeIf { ended },
            failure?.let { "failed: $it" },
            "closed".takeIf { closed },
        )

    private companion object {
        val BUSY: AtomicIntegerFieldUpdater<Inflow> = AtomicIntegerFieldUpdater.newUpdater(Inflow::class.java, "busy")
    }
}

/** As `tryRead`. Bytes that come together with a failure come first: asked again, the source has the failure still. */
internal fun ByteSource.tryReadKeeping(into: ByteBuffer): Int {
    val from = into.position()
    return try {
        tryRead(into)
    } catch (e: IOException) {
        (into.position() - from).takeIf { it > 0 } ?: throw e
    }
}
