package dev.sluice.net

import dev.sluice.ConnectionResetException
import dev.sluice.StreamClosedException
import java.io.IOException
import java.nio.channels.ClosedChannelException

/**
 * What reading from, writing to or waiting for a connected channel threw, as what a stream says.
 *
 * The system tells only in text, which is in its own language, why a call failed; but a channel that is connected has only one reason
 * to: the connection is lost. Sending from a file has another one: then it [mayBeOfFile], and the next write tells.
 */
internal fun SocketInfo.failure(
    cause: IOException,
    mayBeOfFile: Boolean = false,
): IOException =
    when {
        cause is ClosedChannelException -> StreamClosedException("$connection was closed", cause)
        mayBeOfFile -> IOException("$connection failed: ${cause.message}", cause)
        else -> ConnectionResetException("$connection was lost: ${cause.message}", cause)
    }
