package dev.sluice.testing.conformance

internal const val QUIET_TURNS = 20_000

/** How often a transport may return early in [QUIET_TURNS] turns: a TLS session may have something of its own to say first. */
internal const val EARLY_RETURNS = QUIET_TURNS / 4

/** When reads find something, and when waits return. */
internal suspend fun Trial.waitRules() {
    rule("a read finds nothing while nothing was written") {
        repeat(3) {
            val count = receiver.tryReceive(1)
            if (count != 0) fail("tryRead to be 0", "$count")
        }
        both({ sender.send(1) }, { receiver.receiveUntil(1) })
        val count = receiver.tryReceive(1)
        if (count != 0) fail("tryRead to be 0 after the only byte", "$count")
    }

    rule("a wait to read can be cancelled, and repeated at once") {
        warmUp()
        repeat(3) {
            val wait = begin { second.awaitReadable() }
            pause(it)
            end(wait)
        }
        both({ receiver.receiveUntil(2) }, { sender.send(1) })
    }

    rule("awaitReadable returns when there is something to read, and takes none of it") {
        both({ sender.send(2) }, { receiver.receiveUntil(1) })
        repeat(3) { second.awaitReadable() }
        receiver.receiveUntil(2)
    }

    rule("awaitReadable returns when bytes come later") {
        warmUp()
        val read = begin { receiver.receiveUntil(2) }
        pause(3)
        sender.send(1)
        read.join()
    }

    rule("awaitWritable returns when there is room") {
        val reading = begin { receiver.receiveAll() }
        repeat(3) { first.awaitWritable() }
        sender.send(1)
        end(reading)
    }

    rule(NO_BUSY_LOOP) {
        warmUp()
        var returns = 0
        val reading =
            begin {
                val idle = IdleReturns("awaitReadable")
                while (receiver.tryReceive(1) == 0) {
                    second.awaitReadable()
                    idle.returned()
                    returns = idle.count
                }
            }
        pause(QUIET_TURNS)
        if (returns > EARLY_RETURNS) fail("awaitReadable to wait while nothing comes", "it return $returns times for nothing")
        sender.send(1)
        reading.join()
    }
}
