package dev.sluice.testing.conformance

import dev.sluice.StreamClosedException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart.UNDISPATCHED
import kotlinx.coroutines.Job
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.yield
import java.io.IOException
import java.util.concurrent.atomic.AtomicLong
import kotlin.random.Random

/** One rule being checked on one pair: the first transport sends, the second receives; where it matters, also the other way. */
internal class RuleScope(
    private val rule: String,
    val progress: Progress,
    val first: Probe,
    val second: Probe,
    scope: CoroutineScope,
) : CoroutineScope by scope {
    val sender = Sender(first, seed = 1)
    val receiver = Receiver(second, seed = 1)

    /** For what is random in a check; a check that failed fails again. */
    val random = Random(42)

    fun fail(
        expected: String,
        seen: String,
        cause: Throwable? = null,
    ): Nothing = violated(rule, expected, seen, cause)

    /** Runs [block] until it waits for the first time, and then beside the others. */
    fun begin(block: suspend () -> Unit): Job = launch(start = UNDISPATCHED) { block() }

    /** Runs two things side by side. */
    suspend fun both(
        first: suspend () -> Unit,
        second: suspend () -> Unit,
    ) {
        joinAll(begin(first), begin(second))
    }

    /** Lets everybody else have [turns] turns. */
    suspend fun pause(turns: Int) {
        repeat(turns) {
            progress.tick()
            yield()
        }
    }

    suspend fun end(wait: Job) {
        progress.during("a cancelled wait to end") {
            wait.cancel()
            wait.join()
        }
    }

    /** Moves a byte, so that what a transport does at its beginning, a handshake for one, is behind it. */
    suspend fun warmUp() {
        both({ sender.send(1) }, { receiver.receiveUntil(1) })
    }

    /** Bytes from [sender] to [receiver], up to [count] of them; all of them have arrived when it returns. */
    suspend fun flow(
        count: Long,
        written: Int,
        read: Int,
        sender: Sender = this.sender,
        receiver: Receiver = this.receiver,
    ) {
        val total = AtomicLong(Long.MAX_VALUE)
        both(
            {
                sender.sendMuch(count - 1, written)
                // Known before the last byte comes, so that the receiver doesn't wait for one more.
                total.set(sender.sent + 1)
                sender.send(1)
            },
            { receiver.receiveUntil(total::get, read) },
        )
    }

    /** The exception of [call], which must be one, and an IOException. */
    suspend fun failureOf(
        expected: String,
        call: suspend () -> Any,
    ): IOException {
        val result =
            try {
                call()
            } catch (e: IOException) {
                return e
            }
        fail(expected, "the result $result".takeIf { result != Unit } ?: "it return")
    }

    suspend fun expectClosed(
        what: String,
        call: suspend () -> Any,
    ) {
        val expected = "a StreamClosedException from $what"
        val failure = failureOf(expected, call)
        if (failure !is StreamClosedException) fail(expected, "$failure", failure)
    }

    /** A failure that this side did not bring about must not say that it did. */
    fun expectNotClosed(
        failure: IOException,
        by: String,
    ) {
        if (failure is StreamClosedException) {
            fail("a failure that says that $by, as a ConnectionResetException does", "$failure", failure)
        }
    }
}
