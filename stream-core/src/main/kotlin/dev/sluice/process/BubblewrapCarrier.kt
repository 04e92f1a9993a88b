@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid

/**
 * Signals go to the command, below the two processes of bubblewrap: those it does not pass on. When the outer one is killed, all in it is.
 *
 * @param bwrap the outer one
 */
@NotOnAndroid
internal class BubblewrapCarrier(
    private val bwrap: ProcessHandle,
) : Carrier {
    override fun signal(number: Int) {
        val command = awaitCommand() ?: return
        Signals.send(number, command)
    }

    /** The first process there is inside starts the command, and that takes a moment. */
    private fun awaitCommand(): ProcessHandle? {
        repeat(ATTEMPTS) {
            val command = ProcessTree(bwrap).onlyChild()?.let { ProcessTree(it).onlyChild() }
            if (command != null || !bwrap.isAlive) return command
            Thread.sleep(1)
        }
        throw java.io.IOException("bubblewrap (pid ${bwrap.pid()}) has not started its command")
    }

    override fun killAll() {
        bwrap.destroyForcibly()
    }

    private companion object {
        const val ATTEMPTS = 5000
    }
}
