package dev.sluice.net

import dev.sluice.StreamClosedException
import kotlinx.coroutines.delay
import kotlinx.coroutines.sync.Semaphore
import kotlinx.coroutines.yield
import java.io.IOException
import java.nio.channels.ClosedChannelException
import java.nio.channels.SocketChannel
import kotlin.time.Duration.Companion.seconds

/**
 * Takes clients from [source]: some of those that wait at a time, so that the ones who are served already get their turn. [places] are
 * those that `maxConnections` leaves; without one, clients wait in the system's backlog.
 */
internal class Accepting(
    private val source: ClientSource,
    private val places: Semaphore?,
    private val begin: (SocketChannel) -> Unit,
) {
    /** Until the source is closed. */
    suspend fun run() {
        try {
            while (true) {
                source.awaitClient()
                acceptSome()
                yield()
            }
        } catch (_: ClosedChannelException) {
            return
        } catch (_: StreamClosedException) {
            // Its event loop has ended.
            return
        }
    }

    private suspend fun acceptSome() {
        try {
            places?.acquire()
            repeat(AT_ONCE) {
                // One was seen to wait. That there may be more is no reason to queue for a place.
                if (it > 0 && places?.tryAcquire() == false) return
                begin(acceptOne() ?: return)
            }
        } catch (e: ClosedChannelException) {
            throw e
        } catch (e: IOException) {
            // A client that is gone again concerns nobody. Anything else, as a lack of descriptors, would only come again at once.
            if (!e.isOfClient) pause(e)
        }
    }

    /** The place that was taken for it is the client's, and nobody's if there is no client. */
    private fun acceptOne(): SocketChannel? {
        var channel: SocketChannel? = null
        try {
            channel = source.accept()
            return channel
        } finally {
            if (channel == null) places?.release()
        }
    }

    private suspend fun pause(why: IOException) {
        StreamServer.logger.warn("{} accepts nobody for {}: {}", source, PAUSE, why.message)
        delay(PAUSE)
    }

    private val IOException.isOfClient: Boolean
        get() = message.orEmpty().let { "abort" in it || "reset" in it }

    private companion object {
        const val AT_ONCE = 64
        val PAUSE = 1.seconds
    }
}
