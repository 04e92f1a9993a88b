package dev.sluice.net

import dev.sluice.ConnectionResetException
import dev.sluice.InfoKey
import dev.sluice.StreamClosedException
import dev.sluice.StreamInfo
import io.ktor.utils.io.ClosedByteChannelException
import kotlinx.coroutines.CancellationException
import java.io.IOException
import java.nio.channels.ClosedChannelException

/**
 * What a byte channel of Ktor's throws, as what a stream says: the one place where its exceptions are told apart. A cancellation
 * comes from this process, whatever else from beyond the channel.
 */
internal fun StreamInfo.channelFailure(cause: Throwable): IOException {
    val causes = generateSequence(cause) { it.cause }.take(DEEPEST)
    return when {
        causes.any { it is CancellationException || it is ClosedChannelException } -> {
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

/** For messages. */
internal val StreamInfo.connection: String get() =
    this[InfoKey.PeerAddress]?.let { "the connection to $it" }
        ?: "the byte channel"

/** Causes may go in a circle. */
private const val DEEPEST = 16
