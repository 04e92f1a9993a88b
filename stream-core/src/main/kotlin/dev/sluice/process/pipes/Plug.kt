@file:NotOnAndroid

package dev.sluice.process.pipes

import dev.sluice.NotOnAndroid

/** One of the three streams of a child, from before its start. */
internal interface Plug<T> {
    /** What the child is started with. */
    val redirect: ProcessBuilder.Redirect

    /** The child was started: this side's end. [name] is for messages, as `the stdout of cat (pid 17)`. */
    fun connect(
        process: Process,
        name: String,
    ): T

    /** The child was not started. */
    fun discard()
}
