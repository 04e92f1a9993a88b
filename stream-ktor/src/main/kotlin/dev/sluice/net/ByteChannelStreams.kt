@file:JvmName("ByteChannelStreams")

package dev.sluice.net

import dev.sluice.DEFAULT_LIMIT
import dev.sluice.DEFAULT_WRITE_LIMIT
import dev.sluice.StreamReader
import dev.sluice.StreamWriter
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.ByteWriteChannel

/**
 * A reader of what comes out of this channel, which nobody else may read from meanwhile. Closing the reader cancels the channel.
 *
 * A channel that was closed with a failure is a [dev.sluice.ConnectionResetException], and drops what it still had; one that was closed with
 * a cancellation is a [dev.sluice.StreamClosedException]. The exception is Ktor's: unless assertions are on, its channels can't be told
 * from ones that have ended when the job of the coroutine that writes to them was cancelled.
 */
@JvmOverloads
public fun ByteReadChannel.asStreamReader(limit: Int = DEFAULT_LIMIT): StreamReader = StreamReader(ByteChannelSource(this), limit)

/**
 * A writer into this channel, to which nobody else may write meanwhile. What is written is flushed; `drain()` returns when the channel has
 * all of it. Closing the writer closes the channel after that, aborting it cancels the channel.
 */
@JvmOverloads
public fun ByteWriteChannel.asStreamWriter(writeLimit: Int = DEFAULT_WRITE_LIMIT): StreamWriter =
    StreamWriter(ByteChannelTransport(ByteReadChannel.Empty, this), writeLimit)

/**
 * A Ktor channel of what this reader still has to read. Nothing runs in between: bytes are asked for when the channel is, and a reader that
 * nobody reads holds back the sender. The reader must not be used by others meanwhile; what the channel had no use for yet is lost to it.
 *
 * The channel fails as the reader does, with its exceptions. Cancelling the channel closes the reader.
 */
public fun StreamReader.toByteReadChannel(): ByteReadChannel = ReaderByteChannel(this)
