@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException

/** Runs [start] on a thread that may block. What it has started for a caller who is gone is closed. */
internal suspend fun <T : AutoCloseable> onStarter(start: () -> T): T =
    suspendCancellableCoroutine { caller ->
        ProcessThreads.starters.execute {
            if (!caller.isActive) return@execute
            val started =
                try {
                    start()
                } catch (e: Throwable) {
                    return@execute caller.resumeWithException(e)
                }
            caller.resume(started) { _, unwanted, _ -> unwanted.close() }
        }
    }
