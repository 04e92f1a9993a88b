package dev.sluice.testing.conformance

/** What a sender sees of the end of its peer. */
internal suspend fun Trial.peerRules() {
    for (end in OwnEnd.entries) {
        rule("writing to a peer that has ended by ${end.text} fails, again and again") {
            warmUp()
            end.of(second)
            val expected = "an IOException from tryWrite before ${Sender.UNBOUNDED} bytes were taken"
            val failure = failureOf(expected) { sender.send(Sender.UNBOUNDED) }
            expectNotClosed(failure, by = "the peer ended the connection")
            repeat(3) {
                val again = failureOf("tryWrite to fail again") { sender.trySend(1) }
                if (again.javaClass != failure.javaClass) fail("${failure.javaClass.name} again", "$again", again)
            }
        }

        rule("a failed sender can be closed after its peer's ${end.text}, and then throws StreamClosedException") {
            warmUp()
            end.of(second)
            failureOf("an IOException from tryWrite") { sender.send(Sender.UNBOUNDED) }
            first.close()
            expectClosed("tryWrite") { sender.trySend(1) }
            expectClosed("awaitWritable") { first.awaitWritable() }
        }
    }
}
