@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import java.io.IOException

/** How a process is reached that was started: on this machine by its handle, elsewhere by whoever carries it there. */
@NotOnAndroid
internal interface Carrier {
    /** Does nothing to a process that has ended. */
    fun signal(number: Int)

    /** Ends the process and all that it has started. */
    fun killAll()

    /** Whether [lossBehind] has to be asked. */
    val mayBeLost: Boolean get() = false

    /** That it was not the process that ended with [code] but the way to it; null if it was. It may block. */
    fun lossBehind(code: Int): IOException? = null
}

@NotOnAndroid
internal class LocalCarrier(
    private val handle: ProcessHandle,
) : Carrier {
    override fun signal(number: Int): Unit = Signals.send(number, handle)

    override fun killAll(): Unit = ProcessTree(handle).kill()
}

/** A process that ended before anybody could get hold of it. */
@NotOnAndroid
internal object Gone : Carrier {
    override fun signal(number: Int): Unit = Unit

    override fun killAll(): Unit = Unit
}

/** Also of a process that a library has started in its own way. */
internal val Process.handle: ProcessHandle?
    get() =
        try {
            toHandle()
        } catch (_: UnsupportedOperationException) {
            ProcessHandle.of(pid()).orElse(null)
        }
