package dev.sluice.testing.conformance

private const val DUPLEX_BYTES = 1L shl 20

/** What only a connection with two directions can show. */
internal suspend fun Trial.twoWayRules() {
    rule("bytes go both ways at once") {
        val answers = Answers(this)
        both(
            { flow(DUPLEX_BYTES, written = 5000, read = 3000) },
            { flow(DUPLEX_BYTES, written = 700, read = 10_000, answers.sender, answers.receiver) },
        )
        first.close()
        receiver.receiveToEnd { sender.sent }
    }

    rule("reading goes on while a write waits for room") {
        val answers = Answers(this)
        warmUp()
        if (sender.clog()) {
            val writing = begin { first.awaitWritable() }
            both({ answers.sender.send(10_000) }, { answers.receiver.receiveUntil(10_000) })
            end(writing)
        }
    }

    for (end in OwnEnd.entries) {
        rule("${end.text} ends both halves") {
            warmUp()
            val answers = Answers(this)
            val reading = begin { expectClosed("a wait to read") { answers.receiver.receiveAll() } }
            end.of(first)
            reading.join()
            expectClosed("tryRead") { answers.receiver.tryReceive(1) }
            expectClosed("awaitReadable") { first.awaitReadable() }
            expectClosed("tryWrite") { sender.trySend(1) }
            expectClosed("awaitWritable") { first.awaitWritable() }
        }
    }

    rule("bytes go both ways after a writeEof that was refused") {
        if (!first.transport.canWriteEof) {
            val answers = Answers(this)
            expectUnsupported(first)
            both({ sender.send(1000) }, { receiver.receiveUntil(1000) })
            both({ answers.sender.send(1000) }, { answers.receiver.receiveUntil(1000) })
        }
    }
}

/** The way back. */
internal class Answers(
    scope: RuleScope,
) {
    val sender = Sender(scope.second, seed = 2)
    val receiver = Receiver(scope.first, seed = 2)
}
