package dev.sluice.net

import dev.sluice.StreamClosedException
import kotlinx.coroutines.Job
import java.io.IOException

/** How a [ChannelTransport] came to its end, and when its descriptor is gone. */
internal class Closing(
    private val reason: String,
    private val failureOf: (String) -> IOException = ::StreamClosedException,
) {
    val released = Job()

    fun failure(): IOException = failureOf(reason)
}
