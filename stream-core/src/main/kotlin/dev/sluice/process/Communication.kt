@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.ConnectionResetException
import dev.sluice.NotOnAndroid
import dev.sluice.READ_SIZE
import dev.sluice.StreamReader
import dev.sluice.StreamWriter
import dev.sluice.bounds
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer

/**
 * The exchange of [StreamProcess.communicate]: what has to be written, and what was read so far. It is kept between calls, so that one
 * that was cancelled can be repeated.
 *
 * @param stdout null where it is not [StreamType.PIPE]
 * @param stderr the same
 */
@NotOnAndroid
internal class Communication(
    private val stdin: StreamWriter,
    private val stdout: StreamReader?,
    private val stderr: StreamReader?,
) {
    private val written = ByteArrayOutputStream()
    private val complained = ByteArrayOutputStream()
    private var input: ByteArray? = null
    private var sent = 0

    /** Until both outputs have ended. */
    suspend fun run(input: ByteArray) {
        begin(input)
        coroutineScope {
            // First: where somebody else is reading, nothing is sent.
            stdout?.let { launch(start = CoroutineStart.UNDISPATCHED) { gather(it, written) } }
            stderr?.let { launch(start = CoroutineStart.UNDISPATCHED) { gather(it, complained) } }
            launch { send() }
        }
    }

    private fun begin(input: ByteArray) {
        val before = this.input
        check(
            before == null || input.isEmpty() || input.contentEquals(before),
        ) { "communicate() was called before, with another input" }
        if (before == null) this.input = input
    }

    /** What a process does not read is its own business. */
    private suspend fun send() {
        val input = input ?: return
        try {
            while (sent < input.size) {
                val count = minOf(PIECE, input.size - sent, stdin.writeLimit)
                stdin.write(input, sent, count)
                sent += count
                stdin.drain()
            }
            stdin.writeEof()
            stdin.drain()
        } catch (_: ConnectionResetException) {
            sent = input.size
        }
    }

    private suspend fun gather(
        from: StreamReader,
        into: ByteArrayOutputStream,
    ) {
        val bytes = ByteBuffer.allocate(READ_SIZE)
        while (from.read(bytes) >= 0) {
            into.write(bytes.array(), 0, bytes.position())
            bytes.bounds(0, bytes.capacity())
        }
    }

    /** What was read so far, which is then forgotten. */
    fun take(): Pair<ByteArray, ByteArray> = written.taken() to complained.taken()

    private fun ByteArrayOutputStream.taken() = toByteArray().also { reset() }

    private companion object {
        const val PIECE = 1024 * 1024
    }
}
