package dev.sluice.net.faults

import dev.sluice.net.pattern

/**
 * What this side is doing when the fault comes.
 *
 * Both sides have exchanged some bytes before, [THEIRS] and [OURS], as soon as they can.
 */
internal enum class Moment(
    private val text: String,
) {
    CONNECTING("connecting") {
        override suspend fun prepare(stage: Stage) = stage.connecting()
    },
    HANDSHAKE("shaking hands") {
        override suspend fun prepare(stage: Stage): suspend () -> Unit {
            stage.open()
            return {
                stage.ours.startTls(stage.ourTls)
                stage.send(OURS)
            }
        }

        /** Its first words are out, and taken. */
        override suspend fun comes(stage: Stage) {
            if (stage.cell.fault.pieces == null) stage.peer.take(RECORD_HEADER)
        }

        override suspend fun beServed(stage: Stage): ByteArray {
            stage.peer.shakeHands()
            return stage.peer.receiveAll(stage)
        }
    },
    READING("reading") {
        override suspend fun prepare(stage: Stage): suspend () -> Unit {
            stage.begin()
            stage.send(OURS)
            stage.ours.writer.drain()
            // A socket that is closed with unread bytes is reset.
            stage.peer.take(OURS.size)
            val missing = if (stage.cell.fault.pieces == null) 1 else 0
            return { stage.received = stage.ours.reader.readExactly(THEIRS.length - 1 + missing) }
        }
    },

    /** A write never waits: what is looked at are those that come after the fault. */
    WRITING("writing") {
        override suspend fun prepare(stage: Stage): suspend () -> Unit {
            stage.begin()
            stage.send(OURS)
            stage.ours.writer.drain()
            return {
                stage.struck.join()
                do {
                    stage.send(PIECE)
                    if (stage.cell.fault != Fault.STALL) stage.ours.writer.drain()
                } while (!stage.cell.fault.leavesConnection)
            }
        }
    },
    DRAINING("draining") {
        override suspend fun prepare(stage: Stage): suspend () -> Unit {
            stage.begin()
            stage.send(bulkOf(stage.cell))
            return { stage.ours.writer.drain() }
        }
    },
    CLOSING("closing") {
        override suspend fun prepare(stage: Stage): suspend () -> Unit {
            stage.begin()
            stage.send(bulkOf(stage.cell))
            stage.ours.close()
            return { stage.ours.awaitClosed() }
        }
    }, ;

    /** Leads to the moment; what it returns is to be going on when the fault comes. */
    abstract suspend fun prepare(stage: Stage): suspend () -> Unit

    /** Waits until that is where it should be. */
    open suspend fun comes(stage: Stage): Unit = Unit

    /** The peer does what this side waits for; what it receives. */
    open suspend fun beServed(stage: Stage): ByteArray = stage.peer.receiveAll(stage)

    override fun toString(): String = text
}

/** What the peer says first. */
internal val THEIRS: String = "what the peer has sent before it happens ".repeat(20)

/** What this side says first: little enough for a socket to take it byte by byte, each of which costs the system a buffer. */
internal val OURS: ByteArray = pattern(100, seed = 2)

private val PIECE = pattern(16 shl 10, seed = 3)
private const val RECORD_HEADER = 5

/** As much as keeps a drain waiting; of what is cut in pieces a little is enough. */
private fun bulkOf(cell: Cell): ByteArray = pattern(if (cell.fault.pieces == null) cell.carrier.bulk else 3000)
