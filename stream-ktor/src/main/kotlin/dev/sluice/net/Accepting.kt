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
    private var failuresInARow = 0

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
            // A client that is gone again concerns nobody; a lack of descriptors would only come again at once. Which of the two it
            // is the system says only in text, in its own language: what comes again and again is not the clients'.
            if (++failuresInARow == OF_CLIENTS) pause(e)
        }
    }

    /** The place that was taken for it is the client's, and nobody's if there is no client. */
    private fun acceptOne(): SocketChannel? {
        var channel: SocketChannel? = null
        try {
            channel = source.accept()
            failuresInARow = 0
            return channel
        } finally {
            if (channel == null) places?.release()
        }
    }

    private suspend fun pause(why: IOException) {
        failuresInARow = 0
        StreamServer.logger.warn("{} accepts nobody for {}: {}", source, PAUSE, why.message)
        delay(PAUSE)
    }

    private companion object {
        const val AT_ONCE = 64

        /** So many failures one after another are not the clients'. */
        const val OF_CLIENTS = 16
        val PAUSE = 1.seconds
    }
}
