package dev.sluice.net

import kotlinx.coroutines.withTimeoutOrNull
import kotlin.time.Duration

/** What [connect] makes within [limit], or null. What it has made when its caller is cancelled is given to [discard]. */
internal suspend fun <T : Any> connectWithin(
    limit: Duration,
    discard: (T) -> Unit,
    connect: suspend () -> T,
): T? {
    var connected: T? = null
    try {
        withTimeoutOrNull(limit) { connected = connect() }
    } catch (e: Throwable) {
        connected?.let(discard)
        throw e
    }
    // What has come about in the last moment counts.
    return connected
}
