@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import java.io.IOException
import java.nio.file.Path

/** What a launcher makes for a sandbox: the place where its commands run. All of it may block for as long as starting a process takes. */
@NotOnAndroid
internal interface Cell : AutoCloseable {
    /** The folder of its own, as its commands see it. */
    val workDir: Path

    /** The environment that its commands inherit where they are to inherit one. */
    val inheritedEnv: Map<String, String>

    /** Starts a command in it, with a folder as its commands see it and exactly this environment. */
    fun start(
        invocation: Invocation,
        options: ProcessOptions,
    ): StreamProcess

    /** All that runs in it is to end, now. Does not wait for that. */
    fun end(): Unit = Unit

    /** Tells that the cell has ended without having been told to. */
    fun whenLost(action: (IOException) -> Unit): Unit = Unit

    /** Removes what was made, when the commands have been ended. */
    override fun close()
}
