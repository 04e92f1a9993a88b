package dev.sluice.net

import kotlinx.coroutines.Job
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import java.nio.Buffer
import java.nio.channels.SelectionKey
import kotlin.time.Duration.Companion.seconds

/**
 * The end of a connection whose peer may still send. Closing a socket with unread bytes makes the system reset the connection, and the
 * peer then loses what was sent to it before. So the output is ended first, and what comes in is dropped until the peer
 * has ended, too; for no longer than [LIMIT] and no more than [MOST] bytes, for a peer may go on for ever.
 *
 * All of it runs on the loop's thread.
 */
internal class LingeringClose(
    private val transport: ChannelTransport,
    private val loop: EventLoop,
) {
    private var left = MOST
    private var timer: Job? = null
    private var isOver = false

    fun begin() {
        if (!dropAll()) {
            transport.arm(SelectionKey.OP_READ)
            timer = loop.launch { delay(LIMIT) }.also { it.invokeOnCompletion { loop.execute(::end) } }
        }
    }

    fun ready() {
        dropAll()
    }

    /** Whether it is over. */
    private fun dropAll(): Boolean {
        while (!isOver) {
            val dropped = loop.scratch
            val bounds: Buffer = dropped
            bounds.clear()
            val count = transport.drop(dropped)
            if (count == 0) return false
            left -= count
            if (count < 0 || left <= 0) end()
        }
        return true
    }

    private fun end() {
        if (isOver) return
        isOver = true
        timer?.cancel()
        transport.release()
    }

    private companion object {
        val LIMIT = 1.seconds
        const val MOST = 64 * 1024
    }
}
