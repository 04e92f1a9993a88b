package dev.sluice

import kotlinx.coroutines.ensureActive
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.coroutineContext

/**
 * The context of a caller whom nobody can have cancelled when an operation of his begins, because nobody knows of it yet. To ask it for
 * its job would have it make one, which an operation that needs no waiting can do without.
 */
internal interface NotYetCancelled : CoroutineContext

/** At the beginning of an operation. */
internal suspend inline fun ensureCallerIsActive() {
    val context = coroutineContext
    if (context !is NotYetCancelled) context.ensureActive()
}
