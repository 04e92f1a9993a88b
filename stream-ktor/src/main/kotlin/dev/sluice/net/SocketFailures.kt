package dev.sluice.net

import dev.sluice.ConnectionResetException
import dev.sluice.StreamClosedException
import java.io.IOException
import java.nio.channels.ClosedChannelException
import java.nio.channels.FileChannel

/**
 * What reading from, writing to or waiting for a connected channel threw, as what a stream says.
 *
 * The system tells only in text, which is in its own language, why a call failed; but a channel that is connected has only one reason
 * to: the connection is lost. Sending from a file has another one.
 */
internal fun SocketInfo.failure(cause: IOException): IOException =
    when {
        cause is ClosedChannelException -> StreamClosedException("$connection was closed", cause)

        // The next write tells whether it was the connection.
        cause.mayBeOfFile -> IOException("$connection failed: ${cause.message}", cause)

        else -> ConnectionResetException("$connection was lost: ${cause.message}", cause)
    }

private val IOException.mayBeOfFile: Boolean get() = stackTrace.any { it.methodName == FileChannel::transferTo.name }
