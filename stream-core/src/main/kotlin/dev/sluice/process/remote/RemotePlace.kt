package dev.sluice.process.remote

import java.nio.file.Path
import java.nio.file.Paths

/** How commands get to another place and what has to be done there. All of it blocks. */
internal interface RemotePlace {
    /** For messages: as `ssh to build.example.org`. */
    val name: String

    /** What is run on this machine to have [command] run there. */
    fun carrying(
        command: List<String>,
        hasTerminal: Boolean,
    ): List<String>

    /** What the way to the place ends with when it is lost; a command may end with it, too. */
    val codesOfLoss: Set<Int>

    /** What the way there says on the standard error of a command, at its end, when that ended with another code than 0: up to that code. */
    val lastWords: String? get() = null

    /** Makes the folder of a sandbox. */
    fun makeFolder(): Path = Paths.get(output(listOf("mktemp", "-d")).trim())

    /** Removes the folder of a sandbox, and ends the place if it was made for that. No command runs in it. */
    fun close(folder: Path?)
}

/** Removes a folder in a place that goes on to be. */
internal fun RemotePlace.remove(folder: Path) {
    output(listOf("rm", "-rf", "--", "$folder"))
}
