package dev.sluice.process.pipes

import dev.sluice.transport.ByteSink

/** The input of a child, as this side writes it. */
internal interface ChildInput : ByteSink {
    /** The child has ended: what is written from now on would reach nobody. */
    fun childEnded()
}
