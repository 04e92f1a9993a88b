package dev.sluice.transport

import kotlinx.coroutines.CancellableContinuation
import java.nio.ByteBuffer
import java.nio.channels.FileChannel

/**
 * A transport that an event loop drives. Streams over it make fewer system calls and wait more cheaply; without any of this
 * they work the same. A wrapper that delegates [Transport] hides it, and so never misses a byte that took a shorter way.
 */
public interface LoopTransport :
    Transport,
    ClosesLater {
    /** Whether the caller is on the loop's own thread, which must never block. */
    public val isInLoop: Boolean

    /**
     * Runs [task] on the loop before it next waits for events, so that what several writes bring leaves in one piece. To be
     * called on the loop's thread only. A task that was taken is run, also when the transport is closed or the loop ends.
     */
    public fun afterTurn(task: Runnable)

    /** Makes the [awaitReadable] that waits now, or else the next one, return early. From any thread, at any time. */
    public fun wakeReader()

    /**
     * [awaitReadable] without a frame of its own: resumes [waiting] when it would return, or with what it would throw. Most connections
     * wait most of the time, and each wait is memory.
     */
    public fun resumeWhenReadable(waiting: CancellableContinuation<Unit>)

    /**
     * As `tryWrite` of one buffer, of the first [count] of [from] in their order.
     *
     * @return how many bytes were taken; less than there were when there is no room for more at the moment
     */
    public fun tryWrite(
        from: Array<ByteBuffer>,
        count: Int,
    ): Long

    /**
     * Takes bytes of [file] without a detour through this process, at most [count] of them from [position].
     *
     * @return how many were taken; 0 when there is no room at the moment, or the file has none there
     * @throws java.io.IOException the sink has failed, or the file can't be read
     */
    public fun tryTransfer(
        file: FileChannel,
        position: Long,
        count: Long,
    ): Long

    /** Has [listener] hear, once, that the loop has ended and taken the connection with it. There is one at most. */
    public fun whenLost(listener: LossListener)

    /** Returns at once: what was taken is with the system. */
    override suspend fun awaitDelivered(): Unit = Unit
}
