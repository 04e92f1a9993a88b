package dev.sluice.net

import dev.sluice.ConnectionResetException
import dev.sluice.IdleTimeoutException
import dev.sluice.StreamInfo
import dev.sluice.transport.LoopTransport
import dev.sluice.transport.LossListener
import dev.sluice.transport.OpenedAt
import kotlinx.coroutines.CancellableContinuation
import java.io.Closeable
import java.io.IOException
import java.net.StandardSocketOptions
import java.nio.ByteBuffer
import java.nio.channels.CancelledKeyException
import java.nio.channels.ClosedChannelException
import java.nio.channels.ClosedSelectorException
import java.nio.channels.FileChannel
import java.nio.channels.SelectionKey
import java.nio.channels.SelectionKey.OP_READ
import java.nio.channels.SelectionKey.OP_WRITE
import java.nio.channels.SocketChannel
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater
import kotlin.time.Duration

/**
 * A connected channel, TCP or Unix, whose readiness an [EventLoop] watches.
 *
 * **Interest.** Once armed, the key stays armed for reading: in a conversation each request costs one select, one read and one write.
 * Only when bytes come and nobody waits for them is it disarmed, until somebody does. It is armed for writing while somebody waits
 * for room. [armed] and the key are changed on the loop's thread alone, so that nothing blocks on a selector that sleeps.
 *
 * **The end.** [close] and [abort] set [closing], which ends all waits, and then let go of the channel: at once, or after
 * what [LingeringClose] does. The descriptor is released when the selector has come round once more.
 *
 * **Idleness.** What moves a byte writes down when; [IdleWheel] looks at that.
 *
 * @param owner what else holds on to the channel, and is closed after it: a Ktor socket has a selector of its own to wake
 */
internal class ChannelTransport(
    channel: SocketChannel,
    val loop: EventLoop,
    private val owner: Closeable? = null,
    peerHost: String? = null,
    isAccepted: Boolean = false,
    openedAt: OpenedAt? = null,
    idleTimeout: Duration = Duration.INFINITE,
) : SocketInfo(channel, peerHost, isAccepted, openedAt),
    LoopTransport,
    ReadyHandler,
    WatchedChannel {
    override val info: StreamInfo get() = this

    private val readable = Readiness()

    /** Made when a write has met a full socket for the first time: most never do. */
    @Volatile
    private var writable: Readiness? = null

    /** Registered at once, or as the next thing that the loop does; on the loop's thread it is there. */
    private var key: SelectionKey? = null

    @Volatile
    private var armedBits: Byte = 0

    /** What the selector watches for. */
    private var armed: Int
        get() = armedBits.toInt()
        set(value) {
            armedBits = value.toByte()
        }

    @Volatile
    override var closing: Closing? = null
        private set

    @Volatile
    private var lossListener: LossListener? = null

    /** Takes over the key's readiness once the transport is closed. */
    private var lingering: LingeringClose? = null

    @Volatile
    private var inputEnded = false

    @Volatile
    private var outputEnded = false

    /** The system reports a loss once, to whoever comes first: the writer's news are kept for the reader. */
    @Volatile
    private var lost: ConnectionResetException? = null

    init {
        if (loop.isInLoop) register(idleTimeout) else loop.execute { register(idleTimeout) }
    }

    private fun register(idleTimeout: Duration) {
        try {
            key = loop.register(channel, this)
            if (idleTimeout.isFinite() && closing == null) loop.idle.add(this, idleTimeout)
        } catch (_: ClosedChannelException) {
            // By this side, before it came to this.
        } catch (_: CancelledKeyException) {
            // The same, of a channel that was registered for its connecting.
        } catch (_: ClosedSelectorException) {
            loopClosed()
        }
    }

    override val isInLoop: Boolean get() = loop.isInLoop

    override val canWriteEof: Boolean get() = true

    override fun tryRead(into: ByteBuffer): Int {
        val room = into.remaining()
        if (room == 0) return 0
        checkOpen()
        if (inputEnded) return -1
        if (!readable.take()) return 0
        val count = failing { into.limited(TRANSFER_SIZE) { channel.read(it) } }
        when {
            count < 0 -> return endOfInput()
            count == minOf(room, TRANSFER_SIZE) -> readable.giveBack()
        }
        if (count > 0) isActive()
        return count
    }

    override fun tryWrite(from: ByteBuffer): Int {
        checkOpen()
        if (!mayWrite()) return 0
        val offered = minOf(from.remaining(), TRANSFER_SIZE)
        val count = failing { from.limited(TRANSFER_SIZE) { channel.write(it) } }
        wrote(count > 0, everything = count == offered)
        return count
    }

    override fun tryWrite(
        from: Array<ByteBuffer>,
        count: Int,
    ): Long {
        checkOpen()
        if (!mayWrite()) return 0
        val offered = (0 until count).sumOf { from[it].remaining().toLong() }
        val taken = failing { channel.write(from, 0, count) }
        wrote(taken > 0, everything = taken == offered)
        return taken
    }

    override fun tryTransfer(
        file: FileChannel,
        position: Long,
        count: Long,
    ): Long {
        checkOpen()
        if (!mayWrite()) return 0
        val taken = failing(mayBeOfFile = true) { file.transferTo(position, count, channel) }
        // Less than asked for may be the most that one call moves.
        wrote(taken > 0, everything = taken > 0)
        return taken
    }

    private fun mayWrite(): Boolean = writable?.take() ?: true

    private fun wrote(
        anything: Boolean,
        everything: Boolean,
    ) {
        if (anything) isActive()
        if (everything) {
            writable?.giveBack()
        } else if (writable == null) {
            writable = Readiness().apply { take() }
        }
    }

    private fun isActive() {
        if (idleTicks != 0) lastActive = if (loop.isInLoop) loop.idle.now else loop.idle.timeNow()
    }

    override fun idled() {
        if (closing != null) return
        val why = "no byte went either way on $connection for ${loop.idle.timeoutOf(this)}, its idleTimeout, and it was closed"
        // Bytes that the peer does not take are lost, and it is to know that.
        if (writable?.hasWaiter == true) resetOnClose()
        endedBy(Closing(why, ::IdleTimeoutException))
    }

    override fun writeEof() {
        checkOpen()
        if (outputEnded) return
        failing { channel.shutdownOutput() }
        outputEnded = true
    }

    override suspend fun awaitReadable(): Unit = readable.await(this, OP_READ)

    override fun resumeWhenReadable(waiting: CancellableContinuation<Unit>): Unit =
        readable.resumeWhenReady(waiting, this, OP_READ)

    override suspend fun awaitWritable(): Unit = (writable ?: Readiness().also { writable = it }).await(this, OP_WRITE)

    override fun wakeReader() {
        readable.wake()
    }

    override fun afterTurn(task: Runnable): Unit = loop.afterTurn(task)

    override fun ready(key: SelectionKey) {
        val ready = key.readyOps()
        val lingering = lingering
        if (lingering != null) return lingering.ready()
        if (ready and OP_WRITE != 0) {
            // Before the signal: who is resumed in place may want to wait again.
            disarm(OP_WRITE)
            writable?.signal()
        }
        if (ready and OP_READ != 0 && !readable.signal()) {
            disarm(OP_READ)
            if (readable.hasWaiter) armNow(OP_READ)
        }
    }

    override fun whenLost(listener: LossListener) {
        lossListener = listener
        closing?.let { if (loop.isClosed) listener.lost(it.failure()) }
    }

    override fun loopClosed(): Unit = endedBy(Closing("the event loop of $connection was closed"))

    private fun endedBy(began: Closing) {
        val isNews = CLOSING.compareAndSet(this, null, began)
        release()
        if (!isNews) return
        // First: whoever is told that it waits in vain finds a connection that is lost.
        lossListener?.lost(began.failure())
        failWaits(began)
    }

    override fun arm(operation: Int) {
        if (armed and operation != 0) return
        if (loop.isInLoop) armNow(operation) else loop.execute { armNow(operation) }
    }

    private fun armNow(operation: Int) {
        armed = armed or operation
        watch()
    }

    private fun disarm(operation: Int) {
        armed = armed and operation.inv()
        watch()
    }

    private fun watch() {
        try {
            key?.interestOps(armed)
        } catch (_: CancelledKeyException) {
            // The channel was closed, and so was everybody's wait.
        }
    }

    /** What was written is delivered even if the peer still sends: the channel closes after a [LingeringClose] where there may be input. */
    override fun close() {
        if (!beginClosing("$connection was closed by this side")) return
        if (inputEnded || lost != null) {
            release()
        } else {
            endOutputQuietly()
            loop.execute(::linger)
        }
    }

    override fun abort() {
        // Also one that is being closed: what has not arrived yet, or is still waited for, is given up.
        if (!beginClosing("$connection was aborted by this side") && !channel.isOpen) return
        resetOnClose()
        release()
    }

    override suspend fun awaitReleased() {
        closing?.released?.join()
    }

    /** Closes the channel; its descriptor, and with it the peer, learns of it when the selector comes round. */
    fun release() {
        closeChannel()
        loop.afterSelection {
            loop.idle.remove(this)
            closing?.released?.complete()
        }
    }

    private fun linger() {
        if (loop.isClosed) return release()
        // Whoever waited for room has been told, and a channel that has some would be reported in every turn.
        disarm(OP_WRITE)
        LingeringClose(this, loop).also { lingering = it }.begin()
    }

    /** For [LingeringClose]: what the channel still has, -1 at its end or after a failure. */
    fun drop(into: ByteBuffer): Int =
        try {
            channel.read(into)
        } catch (_: IOException) {
            -1
        }

    private fun beginClosing(reason: String): Boolean {
        val began = Closing(reason)
        if (!CLOSING.compareAndSet(this, null, began)) return false
        failWaits(began)
        return true
    }

    private fun failWaits(why: Closing) {
        readable.fail(why)
        writable?.fail(why)
    }

    private fun closeChannel() {
        try {
            owner.use { channel.close() }
        } catch (_: IOException) {
            // Of a channel that is given up there is nothing to be told.
        }
    }

    private fun endOutputQuietly() {
        if (outputEnded) return
        try {
            channel.shutdownOutput()
        } catch (_: IOException) {
            // The peer is gone already.
        }
    }

    private fun resetOnClose() {
        try {
            if (StandardSocketOptions.TCP_NODELAY !in channel.supportedOptions()) return
            channel.setOption(StandardSocketOptions.SO_LINGER, 0)
        } catch (_: IOException) {
            // The peer is gone already.
        }
    }

    private fun checkOpen() {
        closing?.let { throw it.failure() }
    }

    /** The end that the channel shows after a loss of which the writer was told is none. */
    private fun endOfInput(): Int {
        lost?.let {
            readable.giveBack()
            throw it
        }
        inputEnded = true
        return -1
    }

    private inline fun <T> failing(
        mayBeOfFile: Boolean = false,
        call: () -> T,
    ): T =
        try {
            call()
        } catch (e: IOException) {
            throw failed(e, mayBeOfFile)
        }

    private fun failed(
        cause: IOException,
        mayBeOfFile: Boolean,
    ): IOException {
        closing?.let { return it.failure() }
        readable.giveBack()
        writable?.giveBack()
        return failure(cause, mayBeOfFile).also { if (it is ConnectionResetException) lost = it }
    }

    private companion object {
        /** The JDK copies a buffer on the heap to one outside it, all that it has: more than a socket moves at once is wasted. */
        const val TRANSFER_SIZE = 128 * 1024

        val CLOSING: AtomicReferenceFieldUpdater<ChannelTransport, Closing> =
            AtomicReferenceFieldUpdater.newUpdater(ChannelTransport::class.java, Closing::class.java, "closing")
    }
}
