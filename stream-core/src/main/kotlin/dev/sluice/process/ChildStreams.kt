@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import dev.sluice.process.pipes.ChildInput
import dev.sluice.process.pipes.ChildOutput

/** This side's ends of a child's pipes; of an output that is no pipe, null. */
@NotOnAndroid
internal class ChildStreams(
    val stdin: ChildInput,
    val stdout: ChildOutput?,
    val stderr: ChildOutput?,
) {
    fun childEnded() {
        stdin.childEnded()
        stdout?.childEnded()
        stderr?.childEnded()
    }

    /** What was written until now is the last of it. */
    fun endNow() {
        stdin.childEnded()
        stdout?.endNow()
        stderr?.endNow()
    }

    fun close() {
        stdin.close()
        stdout?.close()
        stderr?.close()
    }
}
