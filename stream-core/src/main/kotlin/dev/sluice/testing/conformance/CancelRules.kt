package dev.sluice.testing.conformance

private const val ROUNDS = 300
private const val LARGEST_PIECE = 64

/** Waits that are given up. */
internal suspend fun Trial.cancelRules() {
    rule("a cancelled wait to read loses no byte") {
        warmUp()
        repeat(ROUNDS) {
            val wait = begin { second.awaitReadable() }
            pause(random.nextInt(4))
            sender.trySend(1 + random.nextInt(LARGEST_PIECE))
            pause(random.nextInt(4))
            end(wait)
            if (random.nextBoolean()) receiver.tryReceive(1 + random.nextInt(LARGEST_PIECE))
        }
        finish()
    }

    rule("a wait to read that is cancelled while bytes flow loses no byte") {
        val total = ROUNDS * 20L
        val sending = begin { sender.send(total, size = LARGEST_PIECE) }
        while (receiver.received < total) {
            repeat(3) {
                val wait = begin { second.awaitReadable() }
                pause(random.nextInt(4))
                end(wait)
            }
            receiver.receive(minOf(1L + random.nextInt(LARGEST_PIECE), total - receiver.received).toInt())
        }
        sending.join()
        finish()
    }

    rule("a cancelled wait to write loses no byte") {
        warmUp()
        repeat(ROUNDS) {
            while (sender.sent - receiver.received < CLOGGED && sender.trySend(LARGEST_PIECE) > 0) continue
            val wait = begin { first.awaitWritable() }
            pause(random.nextInt(4))
            receiver.tryReceive(1 + random.nextInt(LARGEST_PIECE))
            pause(random.nextInt(4))
            end(wait)
        }
        finish()
    }
}

/** Enough bytes to fill what small buffers there are, without filling those of a kernel in each round. */
private const val CLOGGED = 256 * 1024

/** Everything that was taken must arrive, and no more. */
private suspend fun RuleScope.finish() {
    both(
        {
            sender.send(1)
            first.close()
        },
        { receiver.receiveToEnd { sender.sent } },
    )
}
