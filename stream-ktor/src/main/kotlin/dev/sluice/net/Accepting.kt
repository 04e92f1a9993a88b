package dev.sluice.net

import kotlinx.coroutines.delay
import kotlinx.coroutines.sync.Semaphore
import kotlinx.coroutines.yield
import org.slf4j.LoggerFactory
import java.io.IOException
import java.nio.channels.ClosedChannelException
import java.nio.channels.SocketChannel
import kotlin.time.Duration.Companion.seconds

/**
 * Takes clients from a listener: some of those that wait at a time, so that the ones who are served already get their turn. [places] are
 * those that `maxConnections` leaves; without one, clients wait in the system's backlog.
 */
internal class Accepting(
    private val listener: Listener,
    private val places: Semaphore?,
    private val begin: (SocketChannel) -> Unit,
) {
    /** Until the listener is closed. */
    suspend fun run() {
        try {
            while (true) {
                listener.awaitClient()
                acceptSome()
                yield()
            }
        } catch (_: ClosedChannelException) {
            return
        }
    }

    private suspend fun acceptSome() {
        repeat(AT_ONCE) {
            places?.acquire()
            val channel = acceptOne()
            if (channel == null) {
                places?.release()
                return
            }
            begin(channel)
        }
    }

    private suspend fun acceptOne(): SocketChannel? =
        try {
            listener.accept()
        } catch (e: ClosedChannelException) {
            throw e
        } catch (e: IOException) {
            // A client that is gone again concerns nobody. Anything else, as a lack of descriptors, would only come again at once.
            if (!e.isOfClient) pause(e)
            null
        }

    private suspend fun pause(why: IOException) {
        logger.warn("{} accepts nobody for {}: {}", listener, PAUSE, why.message)
        delay(PAUSE)
    }

    private val IOException.isOfClient: Boolean
        get() = message.orEmpty().let { "abort" in it || "reset" in it }

    private companion object {
        const val AT_ONCE = 64
        val PAUSE = 1.seconds
        val logger = LoggerFactory.getLogger(StreamServer::class.java)!!
    }
}
