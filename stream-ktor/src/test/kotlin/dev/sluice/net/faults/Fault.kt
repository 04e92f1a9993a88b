package dev.sluice.net.faults

import dev.sluice.testing.Faults
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/**
 * What goes wrong, and who brings it about.
 *
 * @property pieces for a fault that is there from the start: how it cuts bytes in pieces
 * @property leavesConnection whether both sides can go on
 */
internal enum class Fault(
    private val text: String,
    val pieces: Pieces? = null,
    val leavesConnection: Boolean = pieces != null,
) {
    RESET("reset") {
        override suspend fun strike(stage: Stage) = stage.peer.reset()
    },

    /** The peer goes on doing nothing. */
    STALL("stall") {
        override suspend fun strike(stage: Stage) = Unit
    },
    HALF_CLOSE("half-close", leavesConnection = true) {
        override suspend fun strike(stage: Stage) = stage.peer.endOutput()
    },
    SHORT("short reads and writes", Pieces.SHORT) {
        override suspend fun strike(stage: Stage) = Unit
    },
    ONE_BYTE("one-byte chunks", Pieces.ONE_BYTE) {
        override suspend fun strike(stage: Stage) = Unit
    },
    CLOSED_ELSEWHERE("close by another coroutine") {
        override suspend fun strike(stage: Stage) = withContext(Dispatchers.Default) { stage.ours.close() }
    },
    CANCEL("cancel") {
        override suspend fun strike(stage: Stage) = stage.operation.cancel()
    },
    LOOP_CLOSED("event loop closed") {
        override suspend fun strike(stage: Stage) = withContext(Dispatchers.IO) { stage.loops.close() }
    },
    HANDLER_THROWS("handler throws") {
        override suspend fun strike(stage: Stage) = stage.peer.throwInHandler()
    },
    KILLED("peer killed") {
        override suspend fun strike(stage: Stage) = stage.peer.kill()
    }, ;

    abstract suspend fun strike(stage: Stage)

    override fun toString(): String = text
}

/**
 * @property faults what makes them of a transport
 * @property copying a command that makes them of what it copies
 */
internal enum class Pieces(
    val faults: Faults.() -> Unit,
    val copying: String,
) {
    SHORT(
        {
            shortReads = true
            shortWrites = true
        },
        "dd bs=7",
    ),
    ONE_BYTE({ oneByteChunks = true }, "dd bs=1"),
}
