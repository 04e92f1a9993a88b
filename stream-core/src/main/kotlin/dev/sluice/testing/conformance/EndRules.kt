package dev.sluice.testing.conformance

import java.io.IOException

private val AMOUNTS = listOf(0L, 1L, 20_000L)

/** What is read after the sender has ended, one way or the other. */
internal suspend fun Trial.endRules() {
    for (amount in AMOUNTS) {
        rule("close delivers what was written, and then the end") {
            warmUp()
            both(
                {
                    sender.send(amount)
                    first.close()
                },
                { receiver.receiveToEnd { 1 + amount } },
            )
        }
    }

    rule("after the sender's abort the receiver meets the end or a failure, and it stays") {
        warmUp()
        val sending = begin { runCatching { sender.sendForever() } }
        val receiving = begin { receiver.receiveUntil(5000) }
        receiving.join()
        first.abort()
        sending.join()
        val end = endOf { receiver.receive() }
        repeat(3) {
            val again = endOf { receiver.tryReceive(1) }
            if (again != end) fail("\"$end\" again", again)
        }
    }
}

private suspend fun RuleScope.endOf(read: suspend () -> Int): String {
    try {
        while (true) {
            val count = read()
            if (count == -1) return "the end"
            if (count == 0) fail("the end or a failure to stay", "a read that finds nothing")
        }
    } catch (e: IOException) {
        expectNotClosed(e, by = "the peer ended the connection")
        return e.javaClass.name
    }
}
