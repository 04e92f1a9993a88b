package dev.sluice.testing.conformance

/** `writeEof`, as far as one direction shows it. */
internal suspend fun Trial.outputEndRules() {
    rule("writeEof delivers what was written, and then the end; or it is refused and ends nothing") {
        warmUp()
        if (!first.transport.canWriteEof) {
            expectUnsupported(first)
            both({ sender.send(1000) }, { receiver.receiveUntil(1001) })
        } else {
            both(
                {
                    sender.send(10_000)
                    first.writeEof()
                },
                { receiver.receiveToEnd { 10_001 } },
            )
            expectOutputEnded()
            first.close()
            receiver.receiveToEnd { 10_001 }
        }
    }
}

internal fun RuleScope.expectUnsupported(probe: Probe) {
    repeat(2) {
        val expected = "an UnsupportedOperationException from writeEof, for canWriteEof is false"
        try {
            probe.transport.writeEof()
        } catch (_: UnsupportedOperationException) {
            return@repeat
        } catch (e: Exception) {
            fail(expected, "$e", e)
        }
        fail(expected, "it return")
    }
}

/** After writeEof another one does nothing, and a write fails. */
internal suspend fun RuleScope.expectOutputEnded() {
    first.writeEof()
    repeat(2) { failureOf("tryWrite to fail after writeEof") { sender.send(1) } }
}
