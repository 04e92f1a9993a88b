package dev.sluice.testing.conformance

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.io.IOException

/** What a side sees after its own close or abort. */
internal suspend fun Trial.closeRules() {
    for (end in OwnEnd.entries) {
        rule("after its own ${end.text} a receiver throws StreamClosedException") {
            both({ sender.send(2) }, { receiver.receiveUntil(1) })
            repeat(2) {
                end.of(second)
                expectClosed("tryRead") { receiver.tryReceive(1) }
                expectClosed("awaitReadable") { second.awaitReadable() }
            }
        }

        rule("after its own ${end.text} a sender throws StreamClosedException") {
            warmUp()
            repeat(2) {
                end.of(first)
                expectClosed("tryWrite") { sender.trySend(1) }
                expectClosed("awaitWritable") { first.awaitWritable() }
            }
        }

        rule("${end.text} ends a wait to read at once") {
            warmUp()
            expectWaitToEnd(reading = true) { end.of(second) }
        }

        rule("${end.text} in another thread ends a wait to read at once") {
            warmUp()
            expectWaitToEnd(reading = true) { withContext(Dispatchers.Default) { end.of(second) } }
        }
    }

    rule("close and abort never fail, and can be repeated") {
        warmUp()
        for (probe in listOf(first, second)) {
            repeat(2) { probe.close() }
            repeat(2) { probe.abort() }
            probe.close()
        }
    }

    rule("what is known of a connection stays readable after its end") {
        for (probe in listOf(first, second)) {
            val before = probe.transport.info
            probe.close()
            val after = probe.transport.info
            if ("$before" != "$after") fail("info to stay $before", "$after")
        }
    }
}

/** The two ways in which a side ends its transport. */
internal enum class OwnEnd(
    val text: String,
    val of: (Probe) -> Unit,
) {
    CLOSE("close", Probe::close),
    ABORT("abort", Probe::abort),
}

/** A wait of the receiver to read, or of the clogged sender to write, must be ended by [end]. */
internal suspend fun RuleScope.expectWaitToEnd(
    reading: Boolean,
    end: suspend () -> Unit,
) {
    val idle = IdleReturns(if (reading) "awaitReadable" else "awaitWritable")
    val waiting =
        begin {
            expectClosed("a wait that was under way, or the next one,") {
                while (true) {
                    if (reading) second.awaitReadable() else first.awaitWritable()
                    // A wait may return early until a call has said that there is nothing; and what was on its way when the sender was
                    // clogged may have left some room since.
                    if (if (reading) hasMore() else takesMore()) idle.progress() else idle.returned()
                }
            }
        }
    pause(3)
    end()
    waiting.join()
}

/** Whether there is something to read, which then is read. Of an end the wait has to tell. */
private fun RuleScope.hasMore(): Boolean =
    try {
        receiver.tryReceive(Receiver.DEFAULT_ROOM) > 0
    } catch (_: IOException) {
        false
    }

/** Whether there is room, which then is filled. Of an end the wait has to tell. */
private fun RuleScope.takesMore(): Boolean =
    try {
        sender.trySend(Sender.DEFAULT_PIECE) > 0
    } catch (_: IOException) {
        false
    }
