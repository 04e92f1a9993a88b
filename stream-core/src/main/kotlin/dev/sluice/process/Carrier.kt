@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid

/** How a process is reached that was started: on this machine by its handle, elsewhere by whoever carries it there. */
@NotOnAndroid
internal interface Carrier {
    /** Does nothing to a process that has ended. */
    fun signal(number: Int)

    /** Ends the process and all that it has started. */
    fun killAll()
}

@NotOnAndroid
internal class LocalCarrier(
    private val handle: ProcessHandle,
) : Carrier {
    override fun signal(number: Int): Unit = Signals.send(number, handle)

    override fun killAll(): Unit = ProcessTree(handle).kill()
}
