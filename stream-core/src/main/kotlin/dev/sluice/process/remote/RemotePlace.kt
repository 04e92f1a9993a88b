package dev.sluice.process.remote

import java.io.IOException

/** How commands get to another place and what has to be done there. All of it blocks. */
internal interface RemotePlace {
    /** For messages: as `ssh to build.example.org`. */
    val name: String

    /** What is run on this machine to have [command] run there. */
    fun carrying(
        command: List<String>,
        hasTerminal: Boolean,
    ): List<String>

    /** That it was not the command that ended with [code] but the way to it; null if it was. */
    fun lossBehind(code: Int): IOException?

    /** Ends the place, if it was made for the sandbox. Its folder has been removed. */
    fun close()
}
