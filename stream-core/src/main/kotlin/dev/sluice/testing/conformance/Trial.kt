package dev.sluice.testing.conformance

import dev.sluice.transport.Transport
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import kotlin.time.Duration

internal typealias PairMaker = suspend () -> Pair<Transport, Transport>

/**
 * The transports that are on trial, and how their rules are checked: each on a pair of its own, which is closed afterwards
 * whatever came of it.
 *
 * The checks run in the caller's dispatcher. Only the clock that ends a hang is a real one, in a thread of its own: virtual
 * time would jump over it while a socket's bytes are under way.
 */
internal class Trial(
    val make: PairMaker,
    val makeClogged: PairMaker?,
    private val timeLimit: Duration,
) {
    /** The same transports with their roles exchanged. */
    fun flipped(): Trial = Trial({ make().flipped() }, makeClogged?.let { maker -> { maker().flipped() } }, timeLimit)

    private fun Pair<Transport, Transport>.flipped() = second to first

    suspend fun rule(
        name: String,
        maker: PairMaker = make,
        check: suspend RuleScope.() -> Unit,
    ) {
        val progress = Progress()
        val ends = Ends(name)
        // Detached: a transport that ignores cancellation must not hold up the report that it hangs.
        val detached = currentCoroutineContext().minusKey(Job)
        val work = CoroutineScope(detached).async { runCatching { check(name, progress, ends, maker, check) } }
        try {
            endless(work, progress)?.let { violated(name, "$progress", it) }
            work.await().exceptionOrNull()?.let { report(name, it) }
        } catch (e: Throwable) {
            work.cancel()
            runCatching { ends.end() }.exceptionOrNull()?.let(e::addSuppressed)
            throw e
        }
        ends.end()
    }

    /** What is wrong with [work] that makes no progress, or comes to no end; `null` when it has ended. */
    private suspend fun endless(
        work: Job,
        progress: Progress,
    ): String? =
        withContext(Dispatchers.Default) {
            var quiet = 0
            repeat(MOST_LIMITS * LOOKS_PER_LIMIT) {
                val before = progress.count
                if (withTimeoutOrNull(timeLimit / LOOKS_PER_LIMIT) { work.join() } != null) return@withContext null
                quiet = if (progress.count == before) quiet + 1 else 0
                if (quiet == LOOKS_PER_LIMIT) return@withContext "nothing of it within $timeLimit"
            }
            "no end of it after ${timeLimit * MOST_LIMITS}"
        }

    private suspend fun check(
        name: String,
        progress: Progress,
        ends: Ends,
        maker: PairMaker,
        check: suspend RuleScope.() -> Unit,
    ): Unit =
        coroutineScope {
            val (first, second) = progress.during("the pair to be made") { maker() }
            ends.made(first, second)
            RuleScope(
                name,
                progress,
                Probe(first, "the sender", name, progress),
                Probe(second, "the receiver", name, progress),
                this,
            ).check()
        }

    private fun report(
        name: String,
        failure: Throwable,
    ): Nothing =
        when (failure) {
            is AssertionError -> {
                throw failure
            }

            is CancellationException -> {
                violated(
                    IO_FAILURES,
                    "no CancellationException, for nobody cancelled anything",
                    "$failure",
                    failure,
                )
            }

            else -> {
                violated(name, "no exception", "$failure", failure)
            }
        }

    private companion object {
        const val MOST_LIMITS = 10
        const val LOOKS_PER_LIMIT = 4
    }
}
