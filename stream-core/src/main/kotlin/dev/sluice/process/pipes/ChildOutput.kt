package dev.sluice.process.pipes

import dev.sluice.transport.ByteSource

/** An output of a child, as this side reads it. */
internal interface ChildOutput : ByteSource {
    /**
     * The child has ended. What the pipe holds is taken aside, so that the system can have the pipe back; while something else has it open,
     * too, the end is yet to come.
     */
    fun childEnded()

    /** Whether the child has ended and all that it wrote itself was handed out. A wait ends when that comes to be so. */
    fun isSettled(): Boolean

    /** The child was ended, with all that it had started: what the pipe holds now is the last of it, whoever else has it open. */
    fun endNow()
}
