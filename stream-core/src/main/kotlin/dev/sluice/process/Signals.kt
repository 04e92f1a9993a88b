@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import java.io.IOException

/** The signals of the system, by number. */
@NotOnAndroid
internal object Signals {
    const val KILL = 9

    /** What a process ends with that was killed. */
    const val CODE_OF_KILL = 128 + KILL
    const val TERMINATE = 15
    private const val LAST = 64

    fun check(number: Int): Unit = require(number in 1..LAST) { "there is no signal $number: signals are 1..$LAST" }

    /** Does nothing to a process that has ended. */
    fun send(
        number: Int,
        to: ProcessHandle,
    ) {
        when (number) {
            TERMINATE -> to.destroy()
            KILL -> to.destroyForcibly()
            else -> if (to.isAlive) sendByShell(number, to)
        }
    }

    /** The JDK has no call for other signals, and a shell needs no further program for them. */
    private fun sendByShell(
        number: Int,
        to: ProcessHandle,
    ) {
        val shell =
            ProcessBuilder("sh", "-c", "kill -$number ${to.pid()}")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
        shell.outputStream.close()
        if (shell.waitFor() != 0 && to.isAlive) throw IOException("signal $number could not be sent to the process ${to.pid()}")
    }
}
