package dev.sluice.testing.conformance

/** A connection of which one direction ends before the other. */
internal suspend fun Trial.halfCloseRules() {
    rule("canWriteEof is true") {
        if (!first.transport.canWriteEof) fail("it of a stream that can be closed by halves", "false")
    }

    rule("writeEof ends one direction, and the other goes on") {
        val answers = Answers(this)
        warmUp()
        val waiting = begin { answers.receiver.receiveUntil(20_000) }
        both(
            {
                sender.send(10_000)
                first.writeEof()
            },
            { receiver.receiveToEnd { 10_001 } },
        )
        expectOutputEnded()
        answers.sender.send(20_000)
        waiting.join()
        second.writeEof()
        answers.receiver.receiveToEnd { 20_000 }
    }

    rule("bytes that were written before writeEof arrive, also when the peer reads late") {
        warmUp()
        sender.clog()
        first.writeEof()
        receiver.receiveToEnd { sender.sent }
    }

    rule("both directions can end at once") {
        val answers = Answers(this)
        warmUp()
        both({ answers.sender.send(1) }, { answers.receiver.receiveUntil(1) })
        first.writeEof()
        second.writeEof()
        both({ receiver.receiveToEnd { 1 } }, { answers.receiver.receiveToEnd { 1 } })
    }

    rule("a side can be closed after its writeEof, and its peer reads to the same end") {
        warmUp()
        both(
            {
                sender.send(1000)
                first.writeEof()
                first.close()
            },
            { receiver.receiveToEnd { 1001 } },
        )
    }
}
