package dev.sluice.testing.conformance

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.coroutines.yield
import java.io.IOException

private const val RACES = 10

/** Ends that come from another thread while bytes flow. */
internal suspend fun Trial.raceRules() {
    repeat(RACES) { round ->
        for (end in OwnEnd.entries) {
            rule("the receiver's ${end.text} may come at any moment from any thread") {
                race(round, closing = second, end)
            }
            rule("the sender's ${end.text} may come at any moment from any thread") {
                race(round, closing = first, end)
            }
        }
    }
}

private suspend fun RuleScope.race(
    round: Int,
    closing: Probe,
    end: OwnEnd,
) {
    warmUp()
    val sending = begin { examineEnd(isOwn = closing === first) { sender.sendForever() } }
    val receiving = begin { examineEnd(isOwn = closing === second) { receiver.receiveAll() } }
    launch(Dispatchers.Default) {
        repeat(round * round) { yield() }
        end.of(closing)
    }
    receiving.join()
    // A sender can't fail before it writes again to a receiver that is gone.
    second.close()
    sending.join()
}

private suspend fun RuleScope.examineEnd(
    isOwn: Boolean,
    use: suspend () -> Unit,
) {
    try {
        use()
        if (isOwn) fail("a StreamClosedException after the own end", "the end of the stream")
    } catch (e: IOException) {
        if (isOwn) {
            expectClosed(
                "the side that was ended",
            ) { throw e }
        } else {
            expectNotClosed(e, by = "the peer ended the connection")
        }
    }
}
