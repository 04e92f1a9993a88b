@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.ConnectionResetException
import dev.sluice.NotOnAndroid
import dev.sluice.READ_SIZE
import dev.sluice.StreamReader
import dev.sluice.bounds
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.nio.ByteBuffer

/** A process with a person at it. */
@NotOnAndroid
internal class Attachment(
    private val process: StreamProcess,
    private val terminal: LocalTerminal,
    private val resize: ((PtySize) -> Unit)?,
) {
    /** Until the process has ended and all of its output is shown; its code. The terminal is then as it was, whatever happens. */
    suspend fun run(): Int =
        withContext(ProcessThreads.blocking) {
            terminal.enterRawMode().use {
                terminal.onResize(::resize).use {
                    resize()
                    exchange()
                }
            }
        }

    private fun resize() {
        terminal.size?.let { resize?.invoke(it) }
    }

    private suspend fun exchange(): Int =
        coroutineScope {
            val typing = launch { type() }
            coroutineScope {
                launch { show(process.stdout) }
                launch { show(process.stderr) }
            }
            process.awaitExit().also { typing.cancelAndJoin() }
        }

    /** The end of what is typed is told once. A process that does not read goes on as well. */
    private suspend fun type() {
        val keys = ByteArray(KEYS)
        try {
            while (currentCoroutineContext().isActive) {
                val count = terminal.read(keys)
                if (count < 0) return process.stdin.writeEof()
                if (count > 0) {
                    process.stdin.write(keys, 0, count)
                    process.stdin.drain()
                }
            }
        } catch (_: ConnectionResetException) {
            // Its output tells whether it has ended.
        }
    }

    private suspend fun show(output: StreamReader) {
        val bytes = ByteBuffer.allocate(READ_SIZE)
        while (output.read(bytes) >= 0) {
            terminal.write(bytes.array(), bytes.position())
            bytes.bounds(0, bytes.capacity())
        }
    }

    private companion object {
        const val KEYS = 4096
    }
}
