package dev.sluice.net

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/** What [make] makes on threads that may block. What it has made when its caller is cancelled is given to [discard]. */
internal suspend fun <T : Any> madeOnIo(
    discard: (T) -> Unit,
    make: suspend () -> T,
): T {
    var made: T? = null
    try {
        withContext(Dispatchers.IO) { made = make() }
        return made!!
    } catch (e: Throwable) {
        made?.let(discard)
        throw e
    }
}
