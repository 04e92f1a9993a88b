@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import kotlinx.coroutines.suspendCancellableCoroutine
import java.util.concurrent.Executor
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException

/** Runs [start] on one of [threads], which may block. What it has started for a caller who is gone is closed. */
internal suspend fun <T : AutoCloseable> onStarter(
    threads: Executor = ProcessThreads.starters,
    start: () -> T,
): T =
    suspendCancellableCoroutine { caller ->
        threads.execute {
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
