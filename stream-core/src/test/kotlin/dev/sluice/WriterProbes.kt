package dev.sluice

import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart.UNDISPATCHED
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.async
import java.net.InetSocketAddress
import java.util.concurrent.TimeUnit
import java.util.concurrent.TimeoutException
import kotlin.concurrent.thread
import kotlin.coroutines.CoroutineContext

/**
 * Begins [operation] in place, so that it has reached its first wait when this returns, and keeps how it ends. It goes on in
 * the frames of whoever resumes it.
 */
internal fun <T> CoroutineScope.begun(operation: suspend () -> T): Deferred<Result<T>> =
    async(InPlace, start = UNDISPATCHED) { runCatching { operation() } }

/** Unlike [kotlinx.coroutines.Dispatchers.Unconfined] it doesn't put off what is resumed while another one of its kind runs. */
internal object InPlace : CoroutineDispatcher() {
    override fun dispatch(
        context: CoroutineContext,
        block: Runnable,
    ): Unit = block.run()
}

/** What is thrown, and what it was caused by, down to the first. */
internal val Throwable.causes: List<Throwable> get() = generateSequence(cause) { it.cause }.toList()

/** Bytes that tell where they come from: no two windows of them that are apart by less than 251 are the same. */
internal fun patternBytes(
    size: Int,
    seed: Int = 0,
): ByteArray = ByteArray(size) { ((it + seed) % 251).toByte() }

/** Runs all of [work] at once, each in a thread of its own, and throws what one of them threw. */
internal fun inThreads(vararg work: () -> Unit) {
    val results = arrayOfNulls<Throwable>(work.size)
    val threads =
        work.mapIndexed { index, run ->
            thread(isDaemon = true) { results[index] = runCatching(run).exceptionOrNull() }
        }
    threads.forEach { it.joinOrThrow() }
    results.filterNotNull().firstOrNull()?.let { throw it }
}

private const val HANG_SECONDS = 30L

internal fun Thread.joinOrThrow() {
    join(TimeUnit.SECONDS.toMillis(HANG_SECONDS))
    if (isAlive) {
        val where = stackTrace.joinToString("\n  at ")
        throw TimeoutException("still running after $HANG_SECONDS s:\n  at $where")
    }
}

/** Facts of a connection to an address that is never looked up. */
internal val SOMEWHERE: InetSocketAddress = InetSocketAddress.createUnresolved("peer.example", 7)
