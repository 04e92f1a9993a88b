package dev.sluice.testing.conformance

private val PIECES = listOf(1 to 1, 1 to 64, 64 to 1, 7 to 1000, 1000 to 7, 4096 to 4096, 65_537 to 65_537)
private const val PIECES_PER_SIZE = 2048L
private const val LARGEST_TRANSFER = 1L shl 20

/** Bytes in one direction. */
internal suspend fun Trial.transferRules() {
    rule("the bytes that were written are read, each once and in order") {
        for ((written, read) in PIECES) {
            val count = minOf(minOf(written, read) * PIECES_PER_SIZE, LARGEST_TRANSFER)
            flow(count, written, read)
        }
        first.close()
        receiver.receiveToEnd { sender.sent }
    }

    rule("a buffer that is empty or full moves nothing") {
        both({ sender.send(2) }, { receiver.receive(1) })
        repeat(2) {
            val read = receiver.tryReceive(0)
            if (read != 0) fail("a read with no room to be 0", "$read")
            val written = sender.trySend(0)
            if (written != 0) fail("a write of nothing to be 0", "$written")
        }
        both({ sender.send(1) }, { receiver.receiveUntil(3) })
    }
}
