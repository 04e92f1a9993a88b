package dev.sluice.testing.conformance

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlin.concurrent.thread

/** Calls that must not wait run in a thread that nobody misses when they do. These rules come first: others would hang. */
internal suspend fun Trial.blockingRules() {
    rule("tryRead doesn't wait for bytes") {
        elsewhere("tryRead to return though there is nothing to read") { receiver.tryReceive(1) }
    }

    rule("tryWrite doesn't wait for room") {
        elsewhere("tryWrite to return though nobody reads") {
            while (sender.sent < Sender.UNBOUNDED && sender.trySend(Sender.DEFAULT_PIECE) > 0) continue
        }
    }

    rule("awaitReadable suspends, and doesn't block its thread") {
        elsewhere("awaitReadable to suspend, or to return") { startWaiting { second.awaitReadable() } }
    }

    rule("awaitWritable suspends, and doesn't block its thread") {
        elsewhere("awaitWritable to suspend, or to return") {
            while (sender.sent < Sender.UNBOUNDED && sender.trySend(Sender.DEFAULT_PIECE) > 0) continue
            startWaiting { first.awaitWritable() }
        }
    }
}

/** Gives the wait up as soon as it suspends; how it ends is for other rules. */
private fun startWaiting(wait: suspend () -> Unit) {
    CoroutineScope(Dispatchers.Unconfined).launch(start = CoroutineStart.UNDISPATCHED) { runCatching { wait() } }.cancel()
}

private suspend fun RuleScope.elsewhere(
    expected: String,
    call: () -> Unit,
) {
    val result = CompletableDeferred<Result<Unit>>()
    thread(isDaemon = true, name = "transport check") { result.complete(runCatching(call)) }
    progress.during(expected) { result.await() }.getOrThrow()
}
