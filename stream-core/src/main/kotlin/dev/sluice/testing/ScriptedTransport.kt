package dev.sluice.testing

import dev.sluice.StreamClosedException
import dev.sluice.StreamInfo
import dev.sluice.UnwatchedInfo
import dev.sluice.WaitSlot
import dev.sluice.limited
import dev.sluice.transport.Transport
import dev.sluice.wake
import kotlinx.coroutines.delay
import java.io.ByteArrayOutputStream
import java.io.IOException
import java.nio.ByteBuffer
import kotlin.time.Duration

/**
 * The connection to a peer that follows a script. The peer goes on as far as it can whenever something comes: it does not wait for its answers
 * to be read.
 */
internal class ScriptedTransport(
    private val steps: List<Script.Step>,
    private val isCheckedOnClose: Boolean,
) : Transport {
    private val lock = Any()
    private val reading = WaitSlot(lock, "waiting to read")

    // Under the lock.
    private var at = 0
    private val received = ByteArrayOutputStream()
    private var sent = ByteBuffer.allocate(0)
    private var outputEnded = false
    private var inputEnded = false
    private var failure: IOException? = null
    private var mistake: AssertionError? = null
    private var closed = false

    init {
        goOn()
    }

    override val info: StreamInfo get() = UnwatchedInfo.InMemory

    override val canWriteEof: Boolean get() = true

    override fun tryRead(into: ByteBuffer): Int =
        synchronized(lock) {
            if (!isReadable()) return 0
            if (!sent.hasRemaining()) return -1
            sent.limited(into.remaining()) {
                val count = it.remaining()
                into.put(it)
                count
            }
        }

    override suspend fun awaitReadable() {
        val time = synchronized(lock) { if (isReadable()) return else timeToWait() }
        if (time == null) return reading.await(::isReadable)
        delay(time)
        stepping { at++ }
    }

    override fun tryWrite(from: ByteBuffer): Int {
        val count = from.remaining()
        stepping {
            checkOpen()
            failure?.let { throw it }
            val bytes = ByteArray(count).also(from::get)
            received.write(bytes, 0, count)
        }
        return count
    }

    override suspend fun awaitWritable(): Unit = synchronized(lock) { checkOpen() }

    override fun writeEof() {
        stepping {
            checkOpen()
            outputEnded = true
        }
    }

    override fun close() {
        abort()
        if (isCheckedOnClose) checkFinished()
    }

    override fun abort() {
        val waiter =
            synchronized(lock) {
                closed = true
                if (!outputEnded) {
                    outputEnded = true
                    goOn()
                }
                reading.take()
            }
        waiter.wake()
    }

    /**
     * @param unreadAbove what the reader has taken, and nobody has read
     * @throws AssertionError the script is not at its end, or something was left
     */
    fun checkFinished(unreadAbove: ByteArray = ByteArray(0)) {
        synchronized(lock) {
            mistake?.let { throw it }
            if (at <
                steps.size
            ) {
                throw AssertionError(
                    "the connection ended before the script did, which was ${place()}: ${steps[at]}${left()}",
                )
            }
            val unread = unreadAbove + sent.rest()
            if (unread.isNotEmpty()) throw AssertionError("${Quoted(unread)} was sent by the script, and never read")
        }
    }

    private inline fun stepping(change: () -> Unit) {
        val waiter =
            synchronized(lock) {
                change()
                goOn()
                mistake?.let { throw it }
                if (isReadable()) reading.take() else null
            }
        waiter.wake()
    }

    // All of these under the lock.

    private fun isReadable(): Boolean {
        checkOpen()
        mistake?.let { throw it }
        if (sent.hasRemaining()) return true
        failure?.let { throw it }
        return inputEnded
    }

    private fun timeToWait(): Duration? = (steps.getOrNull(at) as? Script.Wait)?.time

    /** As far as the script goes with what has come. */
    private fun goOn() {
        while (at < steps.size && failure == null && mistake == null) {
            when (val step = steps[at]) {
                is Script.Expect -> if (!hasCome(step.bytes)) return
                Script.ExpectEof -> if (!hasEnded()) return
                is Script.Reply -> sent = ByteBuffer.wrap(sent.rest() + step.bytes)
                is Script.Wait -> return
                Script.Eof -> inputEnded = true
                is Script.Fail -> failure = step.cause
            }
            at++
        }
        if (at < steps.size || failure != null || mistake != null) return
        inputEnded = true
        if (received.size() > 0) mistake = AssertionError("the script was at its end, and${left()}")
    }

    private fun hasCome(expected: ByteArray): Boolean {
        val bytes = received.toByteArray()
        val there = minOf(bytes.size, expected.size)
        val difference = (0 until there).firstOrNull { bytes[it] != expected[it] }
        if (difference != null) {
            mistake =
                AssertionError(
                    "${place()} expected ${Quoted(expected)}, and from its byte $difference on that is not what came:${left()}",
                )
        }
        if (difference != null || bytes.size < expected.size) return false
        received.reset()
        received.write(bytes, there, bytes.size - there)
        return true
    }

    private fun hasEnded(): Boolean {
        if (received.size() > 0) mistake = AssertionError("${place()} expected the end of the output, and${left()}")
        return outputEnded && received.size() == 0
    }

    private fun place() = "step ${at + 1} of ${steps.size}"

    private fun left() = if (received.size() == 0) "" else " ${Quoted(received.toByteArray())} came"

    private fun checkOpen() {
        if (closed) throw StreamClosedException("the scripted connection was closed by this side")
    }
}

private fun ByteBuffer.rest(): ByteArray = ByteArray(remaining()).also { duplicate().get(it) }
