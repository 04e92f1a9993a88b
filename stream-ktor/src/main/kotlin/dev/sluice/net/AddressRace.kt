package dev.sluice.net

import dev.sluice.AllAddressesFailedException
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.cancelChildren
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeoutOrNull
import java.io.IOException
import java.net.InetSocketAddress
import java.util.concurrent.atomic.AtomicReference
import java.util.concurrent.atomic.AtomicReferenceArray
import kotlin.time.Duration

/**
 * Tries addresses beside each other (RFC 8305). The next one starts [delay] after the one before, or at once when one has failed; the first
 * success wins. When the result is there, all others have ended, and what they made was given to [discard].
 *
 * Delays are those of the caller's dispatcher, and attempts may end on any thread: what they come to is kept in [winner] and [outcomes], and
 * [news] only says that there is something new, so that a time-out can't lose any of it.
 */
internal class AddressRace<T : Any>(
    private val addresses: List<InetSocketAddress>,
    private val delay: Duration,
    private val attempt: suspend (InetSocketAddress) -> T,
    private val discard: (T) -> Unit,
) {
    private val winner = AtomicReference<T?>()
    private val outcomes = AtomicReferenceArray<Throwable?>(addresses.size)
    private val news = Channel<Unit>(Channel.CONFLATED)

    /** How many addresses have been tried. */
    @Volatile
    var begun = 0
        private set

    /** What went wrong so far, in the order of the attempts. */
    val failures: List<Throwable> get() = addresses.indices.mapNotNull(outcomes::get)

    suspend fun run(): T {
        // Without a race no coroutine is needed.
        if (addresses.size == 1) tryOne(begin()) else race()
        return winner.get() ?: throw failure()
    }

    private suspend fun race() {
        try {
            coroutineScope {
                startInTurn()
                coroutineContext.cancelChildren()
            }
            currentCoroutineContext().ensureActive()
        } catch (e: Throwable) {
            winner.getAndSet(null)?.let(discard)
            throw e
        }
    }

    /** Until one has won or all have failed. */
    private suspend fun CoroutineScope.startInTurn() {
        // One may start to begin with, another one after each failure and each delay.
        var delays = 0
        while (winner.get() == null) {
            val failed = failures.size
            if (failed == addresses.size) return
            while (begun < minOf(addresses.size, 1 + failed + delays)) {
                val index = begin()
                launch { tryOne(index) }
            }
            if (begun == addresses.size) {
                news.receive()
            } else if (withTimeoutOrNull(delay) { news.receive() } == null) {
                delays++
            }
        }
    }

    private fun begin(): Int = begun.also { begun = it + 1 }

    private suspend fun tryOne(index: Int) {
        try {
            val made = attempt(addresses[index])
            if (!winner.compareAndSet(null, made)) discard(made)
        } catch (e: CancellationException) {
            // Of the race, or of something inside the attempt: that one is a failure as any other.
            currentCoroutineContext().ensureActive()
            outcomes.set(index, IOException("the attempt to reach ${addresses[index]} was cancelled: $e", e))
        } catch (e: Throwable) {
            outcomes.set(index, e)
        }
        news.trySend(Unit)
    }

    private fun failure(): Throwable {
        val failures = failures
        val bug = failures.firstOrNull { it !is IOException }
        return when {
            bug != null -> bug.apply { failures.filter { it !== bug }.forEach(::addSuppressed) }
            failures.size == 1 -> failures[0]
            else -> AllAddressesFailedException(describe(failures), failures.map { it as IOException })
        }
    }

    private fun describe(failures: List<Throwable>) =
        failures.joinToString("; ", prefix = "none of ${addresses.size} addresses could be reached: ") { it.message.orEmpty() }
}
