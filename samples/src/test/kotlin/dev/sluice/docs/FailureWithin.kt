package dev.sluice.docs

import java.util.concurrent.ExecutionException
import java.util.concurrent.FutureTask
import java.util.concurrent.TimeUnit.MILLISECONDS
import java.util.concurrent.TimeoutException
import kotlin.concurrent.thread
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** What [code] throws; if it is not done within the [limit], where it stands. */
internal fun failureWithin(
    limit: Duration,
    code: () -> Unit,
): Throwable? {
    val task = FutureTask(code)
    val thread = thread(isDaemon = true, name = "example") { task.run() }
    return try {
        task.get(limit.inWholeMilliseconds, MILLISECONDS)
        null
    } catch (failure: ExecutionException) {
        failure.cause
    } catch (_: TimeoutException) {
        val standsAt = thread.stackTrace
        thread.interrupt()
        thread.join(5.seconds.inWholeMilliseconds)
        AssertionError("not done within $limit").apply { stackTrace = standsAt }
    }
}
