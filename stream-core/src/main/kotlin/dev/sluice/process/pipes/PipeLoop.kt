@file:NotOnAndroid

package dev.sluice.process.pipes

import dev.sluice.NotOnAndroid
import java.nio.channels.CancelledKeyException
import java.nio.channels.SelectableChannel
import java.nio.channels.SelectionKey
import java.nio.channels.Selector

/**
 * One thread that watches the pipes of all children. A pipe is watched for one event at a time: told of it, [PipeWait] has to ask again.
 */
@NotOnAndroid
internal class PipeLoop {
    private val selector = Selector.open()

    private val thread =
        Thread(::run, "sluice process pipes").apply {
            isDaemon = true
            start()
        }

    val isInLoop: Boolean get() = Thread.currentThread() === thread

    /**
     * Has [waiting] told, once, that [channel] is ready for [operation]. From any thread.
     *
     * @throws CancelledKeyException the channel is closed
     * @throws java.nio.channels.ClosedChannelException the same
     */
    fun watch(
        channel: SelectableChannel,
        operation: Int,
        waiting: PipeWait,
    ) {
        val key = channel.keyFor(selector)
        if (key == null) channel.register(selector, operation, waiting) else key.interestOps(operation)
        wake()
    }

    /** Lets go of the descriptors of channels that were closed: the selector does that only while it selects. */
    fun releaseClosed(): Unit = wake()

    private fun wake() {
        if (!isInLoop) selector.wakeup()
    }

    private fun run() {
        while (true) selector.select(::tell)
    }

    private fun tell(key: SelectionKey) {
        try {
            key.interestOps(0)
            (key.attachment() as PipeWait).ready()
        } catch (_: CancelledKeyException) {
            // The channel was closed, and whoever waited was told so.
        } catch (e: Throwable) {
            // A bug of one who waits in place is no reason to leave all others waiting.
            thread.uncaughtExceptionHandler.uncaughtException(thread, e)
        }
    }

    companion object {
        val shared: PipeLoop by lazy(::PipeLoop)
    }
}
