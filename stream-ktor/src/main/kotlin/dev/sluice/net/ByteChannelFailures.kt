package dev.sluice.net

import dev.sluice.ConnectionResetException
import dev.sluice.InfoKey
import dev.sluice.StreamClosedException
import dev.sluice.StreamInfo
import io.ktor.utils.io.ClosedByteChannelException
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.channels.ClosedSendChannelException
import java.io.IOException
import java.nio.channels.ClosedChannelException
import java.nio.channels.ClosedSelectorException

/**
 * What a byte channel of Ktor's throws, as what a stream says: the one place where its exceptions are told apart.
 */
internal fun StreamInfo.channelFailure(cause: Throwable): IOException {
    val causes = generateSequence(cause) { it.cause }.take(DEEPEST)
    return when {
        causes.any(::isFromThisProcess) -> {
            StreamClosedException("what lies below $connection was closed", cause)
        }

        cause is IOException && cause !is ClosedByteChannelException -> {
            cause
        }

        else -> {
            ConnectionResetException("$connection was lost: ${cause.message ?: cause}", cause)
        }
    }
}

/** Ktor's selector, when it is closed, has three ways to say so, by when it is asked. */
private fun isFromThisProcess(cause: Throwable): Boolean =
    cause is CancellationException ||
        cause is ClosedChannelException ||
        cause is ClosedSelectorException ||
        cause is ClosedSendChannelException

/** For messages. */
internal val StreamInfo.connection: String get() =
    this[InfoKey.PeerAddress]?.let { "the connection to $it" }
        ?: "the byte channel"

/** Causes may go in a circle. */
private const val DEEPEST = 16
