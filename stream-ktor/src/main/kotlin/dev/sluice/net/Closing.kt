package dev.sluice.net

import dev.sluice.StreamClosedException
import kotlinx.coroutines.Job

/** How a [ChannelTransport] came to its end, and when its descriptor is gone. */
internal class Closing(
    private val reason: String,
) {
    val released = Job()

    fun failure(): StreamClosedException = StreamClosedException(reason)
}
