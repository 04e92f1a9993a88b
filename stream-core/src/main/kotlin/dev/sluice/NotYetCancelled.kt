package dev.sluice

import kotlinx.coroutines.ensureActive
import java.util.concurrent.CompletableFuture
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.coroutineContext

/**
 * The context of a caller whom nobody can have cancelled when an operation of his begins, because nobody knows of it yet. To ask it for
 * its job would have it make one, which an operation that needs no waiting can do without.
 *
 * It is a [CompletableFuture].
 */
internal interface NotYetCancelled : CoroutineContext

/** At the beginning of an operation. */
internal suspend inline fun ensureCallerIsActive() {
    val context: Any = coroutineContext
    // First the class: that one is none is known at once, that something lacks an interface after a search through all that it has.
    if (context is CompletableFuture<*> && context is NotYetCancelled) return
    coroutineContext.ensureActive()
}
