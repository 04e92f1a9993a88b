package dev.sluice

import kotlinx.coroutines.runBlocking
import java.io.InterruptedIOException

/** Runs an operation for a caller that blocks. As in java.io, an interrupt ends it, and the thread stays interrupted. */
internal fun <T> blocking(operation: suspend () -> T): T =
    try {
        runBlocking { operation() }
    } catch (e: InterruptedException) {
        Thread.currentThread().interrupt()
        throw InterruptedIOException("interrupted while waiting for a stream").causedBy(e)
    }

/** Says no to a caller that would block a loop, and with it what it waits for. */
internal fun refuseToBlock(instead: String): Nothing =
    error(
        "this is the event loop's own thread, which must not block: use withContext(Dispatchers.IO), or the suspending $instead",
    )

internal fun checkBounds(
    array: ByteArray,
    offset: Int,
    length: Int,
) {
    if (offset < 0 || length < 0 || length > array.size - offset) {
        throw IndexOutOfBoundsException("$length bytes from $offset in an array of ${array.size}")
    }
}
