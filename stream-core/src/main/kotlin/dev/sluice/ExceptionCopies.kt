package dev.sluice

import kotlinx.coroutines.CopyableThrowable
import kotlinx.coroutines.ExperimentalCoroutinesApi
import java.io.IOException

internal fun messageOf(exception: Throwable): String = exception.message.orEmpty()

internal fun <T : Throwable> T.causedBy(original: Throwable): T = apply { initCause(original) }

/**
 * A stored failure as the exception of one more caller: its own object, so that its stack leads to that caller, with the
 * first one as the cause; the cause of an abort stays the cause. A type that can't be copied is thrown as it is.
 */
@OptIn(ExperimentalCoroutinesApi::class)
internal fun IOException.forCaller(): IOException =
    when {
        this is StreamClosedException && cause != null -> StreamClosedException(messageOf(this), cause)
        this is CopyableThrowable<*> -> createCopy() as IOException
        javaClass == IOException::class.java -> IOException(message, this)
        else -> this
    }
