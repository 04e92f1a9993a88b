package dev.sluice.net

import dev.sluice.ConnectionResetException
import dev.sluice.StreamClosedException
import java.io.IOException
import java.nio.channels.ClosedChannelException
import java.util.Locale

/** What the system's socket calls say when the peer, or the network between, has ended a connection. */
private val LOSSES =
    listOf("reset", "broken pipe", "timed out", "aborted", "no route to host", "unreachable", "host is down", "not connected")

/**
 * What reading from, writing to or waiting for a connected channel threw, as what a stream says: the one place where the words of the
 * JDK and the system are told apart.
 */
internal fun SocketInfo.failure(cause: IOException): IOException {
    val text = cause.message.orEmpty()
    return when {
        cause is ClosedChannelException -> {
            StreamClosedException(
                "$connection was closed",
                cause,
            )
        }

        LOSSES.any { it in text.lowercase(Locale.ROOT) } -> {
            ConnectionResetException("$connection was lost: $text", cause)
        }

        else -> {
            IOException("$connection failed: $text", cause)
        }
    }
}
