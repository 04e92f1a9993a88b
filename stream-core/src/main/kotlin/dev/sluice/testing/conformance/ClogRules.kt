package dev.sluice.testing.conformance

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.io.IOException
import java.nio.ByteBuffer

/** A sender whose peer doesn't read. A transport that takes everything has no such state, and nothing to check here. */
internal suspend fun Trial.clogRules() {
    cloggedRule("awaitWritable waits for room, and returns when the peer has read") {
        val writing = begin { sender.awaitRoom() }
        pause(QUIET_TURNS)
        if (sender.idleReturns > EARLY_RETURNS) {
            violated(
                NO_BUSY_LOOP,
                "awaitWritable to wait while there is no room",
                "it return ${sender.idleReturns} times for nothing",
            )
        }
        val reading = begin { second.discardAll() }
        writing.join()
        end(reading)
    }

    cloggedRule("a wait to write can be cancelled, and repeated at once") {
        repeat(3) {
            val wait = begin { first.awaitWritable() }
            pause(it)
            end(wait)
        }
        // To the end: a system's socket has no room again before much of what it holds has been read.
        val reading = begin { second.discardAll() }
        sender.awaitRoom()
        end(reading)
    }

    for (end in OwnEnd.entries) {
        cloggedRule("${end.text} ends a wait to write at once") {
            expectWaitToEnd(reading = false) { end.of(first) }
        }

        cloggedRule("${end.text} in another thread ends a wait to write at once") {
            expectWaitToEnd(reading = false) { withContext(Dispatchers.Default) { end.of(first) } }
        }

        cloggedRule("a wait to write ends with the peer's ${end.text}") {
            val writing =
                begin {
                    val failure = failureOf("tryWrite to fail") { sender.send(Sender.UNBOUNDED) }
                    expectNotClosed(failure, by = "the peer ended the connection")
                }
            pause(3)
            end.of(second)
            writing.join()
        }
    }

    rule("close delivers everything that was taken, also when the peer reads late") {
        warmUp()
        sender.clog()
        first.close()
        receiver.receiveToEnd { sender.sent }
    }
}

/** On a pair from the clogged maker, or on one that is clogged by writing. */
private suspend fun Trial.cloggedRule(
    name: String,
    check: suspend RuleScope.() -> Unit,
) {
    val maker = makeClogged ?: make
    rule(name, maker) {
        if (makeClogged == null) {
            warmUp()
            if (sender.clog()) check()
        } else {
            val taken = first.tryWrite(ByteBuffer.allocate(1))
            if (taken > 0) fail("makeClogged to make a sender that takes nothing", "it take a byte")
            check()
        }
    }
}

/** Reads whatever comes until there is no more: what a clogged pair is filled with is its maker's business. */
private suspend fun Probe.discardAll() {
    val idle = IdleReturns("awaitReadable")
    while (true) {
        val count = tryRead(ByteBuffer.allocate(Receiver.DEFAULT_ROOM))
        if (count < 0) return
        if (count > 0) {
            idle.progress()
        } else {
            awaitReadable()
            idle.returned()
        }
    }
}
