package dev.sluice.testing.conformance

import dev.sluice.transport.Transport
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.isActive
import java.io.IOException
import java.nio.ByteBuffer

internal const val IO_FAILURES = "what fails throws an IOException"
private const val READ_BOUNDS = "tryRead moves bytes between the position and the limit of its buffer"
private const val WRITE_BOUNDS = "tryWrite moves bytes between the position and the limit of its buffer"
internal const val QUIET_END = "close and abort never fail, and can be repeated"

/** A transport under observation: whatever a check calls it for, what holds for every call is checked with it. */
internal class Probe(
    val transport: Transport,
    val name: String,
    val rule: String,
    private val progress: Progress,
) {
    fun tryRead(into: ByteBuffer): Int = moving("tryRead", READ_BOUNDS, into, lowest = -1, transport::tryRead)

    fun tryWrite(from: ByteBuffer): Int = moving("tryWrite", WRITE_BOUNDS, from, lowest = 0, transport::tryWrite)

    suspend fun awaitReadable(): Unit = waiting("awaitReadable") { transport.awaitReadable() }

    suspend fun awaitWritable(): Unit = waiting("awaitWritable") { transport.awaitWritable() }

    fun writeEof(): Unit = calling("writeEof") { transport.writeEof() }

    fun close(): Unit = ending("close") { transport.close() }

    fun abort(): Unit = ending("abort") { transport.abort() }

    private fun moving(
        function: String,
        bounds: String,
        buffer: ByteBuffer,
        lowest: Int,
        move: (ByteBuffer) -> Int,
    ): Int {
        progress.tick()
        val position = buffer.position()
        val limit = buffer.limit()
        val count =
            try {
                calling(function) { move(buffer) }
            } catch (e: IOException) {
                if (buffer.position() !=
                    position
                ) {
                    violated(bounds, "no bytes moved by a $function that throws", "the position moved", e)
                }
                throw e
            }
        if (count !in
            lowest..limit - position
        ) {
            violated(bounds, "a result from $lowest to ${limit - position} of $function", "$count")
        }
        val seen = buffer.position() - position
        if (seen != maxOf(count, 0)) violated(bounds, "the position to move by the result, $count", "it move by $seen")
        if (buffer.limit() != limit) violated(bounds, "the limit to stay at $limit", "it be ${buffer.limit()}")
        return count
    }

    private suspend fun waiting(
        function: String,
        wait: suspend () -> Unit,
    ): Unit =
        progress.during("$function of $name to return") {
            try {
                wait()
            } catch (e: CancellationException) {
                if (currentCoroutineContext().isActive) notAnIoException(function, e)
                throw e
            } catch (e: Throwable) {
                throw e as? IOException ?: e as? AssertionError ?: notAnIoException(function, e)
            }
        }

    private inline fun <T> calling(
        function: String,
        call: () -> T,
    ): T =
        try {
            call()
        } catch (e: IOException) {
            throw e
        } catch (e: Throwable) {
            notAnIoException(function, e)
        }

    private inline fun ending(
        function: String,
        end: () -> Unit,
    ) {
        try {
            end()
        } catch (e: Throwable) {
            violated(QUIET_END, "$function of $name to return", "$e", e)
        }
    }

    private fun notAnIoException(
        function: String,
        seen: Throwable,
    ): Nothing = violated(IO_FAILURES, "$function of $name to throw nothing else (while checking \"$rule\")", "$seen", seen)
}
