package dev.sluice.simulation

import dev.sluice.CloseTimeoutException
import dev.sluice.Connection
import dev.sluice.ConnectionResetException
import dev.sluice.IncompleteReadException
import dev.sluice.LimitOverrunException
import dev.sluice.StreamClosedException
import dev.sluice.WriteLimitException
import io.kotest.matchers.longs.shouldBeLessThanOrEqual
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.yield
import java.io.ByteArrayOutputStream
import java.io.IOException
import java.nio.ByteBuffer
import kotlin.random.Random

internal typealias Bytes = ByteArrayOutputStream

internal val Bytes.size: Int get() = size()

/** One side of a simulated connection: some who send, one who receives, and one who would like to. */
internal class Side(
    val name: String,
    val connection: Connection,
    private val random: Random,
    private val note: (String) -> Unit,
) {
    private val reader = connection.reader
    private val writer = connection.writer

    /** What the writer has accepted, in that order. */
    val sent = Bytes()
    val received = Bytes()

    /** Who has not come to an end. */
    val working = LinkedHashSet<String>()

    suspend fun talk(isCalm: Boolean) {
        coroutineScope {
            launch {
                coroutineScope { repeat(1 + random.nextInt(3)) { launch { working("sender $it") { send() } } } }
                working("ender") { writer.writeEof() }
            }
            launch { working("receiver") { receive() } }
            if (random.nextBoolean()) launch { working("intruder") { intrude() } }
        }
        if (!isCalm && random.nextBoolean()) connection.abort() else connection.close()
        working("closer") { connection.awaitClosed() }
    }

    /** What an end of the connection may look like ends [work]; everything else is a failure. */
    private suspend fun working(
        who: String,
        work: suspend () -> Unit,
    ) {
        working += "$name's $who"
        try {
            work()
            note("$name's $who is done")
        } catch (e: IOException) {
            note("$name's $who meets $e")
            val isExpected =
                e is ConnectionResetException || e is StreamClosedException || e is IncompleteReadException ||
                    e is CloseTimeoutException
            if (!isExpected) throw AssertionError("$name's $who met $e", e)
        }
        working -= "$name's $who"
    }

    private suspend fun send() {
        repeat(random.nextInt(6)) {
            write(random.nextBytes(1 + random.nextInt(LONGEST_MESSAGE)))
            writer.pending shouldBeLessThanOrEqual writer.writeLimit.toLong()
            when (random.nextInt(4)) {
                0 -> writer.drain()
                1 -> maybeCancelled { writer.drain() }
                2 -> delay(random.nextLong(50))
            }
        }
        writer.drain()
    }

    private suspend fun write(message: ByteArray) {
        while (true) {
            try {
                writer.write(message)
                sent.writeBytes(message)
                return
            } catch (_: WriteLimitException) {
                writer.drain()
            } catch (e: IllegalStateException) {
                // An accident has ended the output.
                throw StreamClosedException("the output was ended", e)
            }
        }
    }

    private suspend fun receive() {
        while (!reader.atEof) {
            maybeCancelled {
                try {
                    receiveSome()
                } catch (_: LimitOverrunException) {
                    received.writeBytes(reader.read(1))
                } catch (e: IncompleteReadException) {
                    received.writeBytes(e.partial)
                } catch (_: IllegalStateException) {
                    // The intruder was first.
                    note("$name's receiver is refused")
                    delay(random.nextLong(20))
                }
            }
        }
    }

    private suspend fun receiveSome() {
        when (random.nextInt(6)) {
            0 -> received.writeBytes(reader.read(1 + random.nextInt(100)))
            1 -> received.writeBytes(reader.readExactly(random.nextInt(100)))
            2 -> received.writeBytes(reader.readUntil(random.nextBytes(1)))
            3 -> received.writeBytes(reader.readUntil(random.nextBytes(2), random.nextBytes(1)))
            4 -> readInto(ByteBuffer.allocate(1 + random.nextInt(100)))
            else -> received.writeBytes(reader.readLineBytes())
        }
    }

    private suspend fun readInto(buffer: ByteBuffer) {
        if (reader.read(buffer) > 0) received.write(buffer.array(), 0, buffer.position())
    }

    /** Takes nothing: where the receiver is at work it is refused, and where it is not it may be in the receiver's way. */
    private suspend fun intrude() {
        repeat(5) {
            delay(random.nextLong(30))
            cancelled {
                try {
                    reader.meetsEnd()
                } catch (_: IllegalStateException) {
                    note("$name's intruder is refused")
                }
            }
        }
    }

    private suspend fun maybeCancelled(operation: suspend () -> Unit) {
        if (random.nextInt(3) == 0) cancelled(operation) else operation()
    }

    private suspend fun cancelled(operation: suspend () -> Unit) {
        coroutineScope {
            val running = launch { operation() }
            if (random.nextBoolean()) delay(random.nextLong(20)) else repeat(random.nextInt(4)) { yield() }
            running.cancel()
        }
    }

    companion object {
        const val LONGEST_MESSAGE = 60
    }
}
