package dev.sluice

import dev.sluice.testing.memoryTransportPair
import io.kotest.core.spec.style.FunSpec
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch
import org.jetbrains.lincheck.datastructures.Operation
import org.jetbrains.lincheck.datastructures.StressOptions
import org.jetbrains.lincheck.datastructures.Validate
import java.io.IOException
import java.nio.ByteBuffer
import java.util.concurrent.ConcurrentLinkedQueue

/** Every end that a connection can come to, against every operation that may be under way then. */
internal class ConnectionIT : FunSpec({
    test("whoever reads, writes or waits while a connection is closed, aborted or left by its peer comes to an end") {
        StressOptions()
            .iterations(if (isThorough) 20 else 8)
            .threads(3)
            .actorsBefore(1)
            .actorsPerThread(3)
            .actorsAfter(0)
            .invocationsPerIteration(500)
            .addCustomScenario {
                parallel {
                    thread { actor(ConnectionModel::read) }
                    thread { actor(ConnectionModel::closeReader) }
                    thread { actor(ConnectionModel::peerSends) }
                }
            }.addCustomScenario {
                parallel {
                    thread { actor(ConnectionModel::read) }
                    thread { actor(ConnectionModel::cancelAll) }
                    thread { actor(ConnectionModel::peerSends) }
                }
            }.check(ConnectionModel::class)
    }
})

/** The operations return nothing: what one sees of another has no order. What holds in every order is looked at when all is done. */
internal class ConnectionModel {
    private val ends = memoryTransportPair(capacity = 3)
    private val connection = Connection(ends.first)
    private val peer = ends.second
    private val jobs = ConcurrentLinkedQueue<Job>()
    private val pieces = ConcurrentLinkedQueue<ByteArray>()
    private val wrong = ConcurrentLinkedQueue<Throwable>()

    @Volatile
    private var isClosed = false

    @Volatile
    private var isLeft = false
    private var sent = 0

    @Operation
    fun read() = begin { pieces.add(connection.reader.read(2)) }

    @Operation
    fun write() = begin { connection.writer.write(byteArrayOf(1, 1)) }

    @Operation
    fun drain() = begin { connection.writer.drain() }

    @Operation
    fun awaitClosed() = begin { connection.awaitClosed() }

    @Operation
    fun writeEof() = begin { connection.writer.writeEof() }

    @Operation
    fun close() {
        isClosed = true
        connection.close()
    }

    @Operation
    fun abort() {
        isClosed = true
        connection.abort()
    }

    @Operation
    fun closeReader() {
        isClosed = true
        connection.reader.close()
    }

    @Operation
    fun cancelAll() {
        for (job in jobs) job.cancel()
    }

    @Operation(nonParallelGroup = "peer")
    fun peerSends() {
        val bytes = ByteBuffer.wrap(byteArrayOf((sent + 1).toByte(), (sent + 2).toByte()))
        try {
            sent += peer.tryWrite(bytes)
        } catch (_: IOException) {
            check(isClosed || isLeft) { "nobody has ended it" }
        }
    }

    @Operation(nonParallelGroup = "peer")
    fun peerReads() {
        try {
            peer.tryRead(ByteBuffer.allocate(2))
        } catch (_: IOException) {
            check(isClosed || isLeft) { "nobody has ended it" }
        }
    }

    @Operation(nonParallelGroup = "peer")
    fun peerLeaves() {
        isLeft = true
        peer.abort()
    }

    @Validate
    fun allHaveEndedAndNoByteIsOutOfPlace() {
        isClosed = true
        connection.abort()
        for (job in jobs) check(job.isCompleted) { "somebody waits on $connection" }
        wrong.peek()?.let { throw it }
        val times = IntArray(128)
        for (piece in pieces) {
            for (i in piece.indices) {
                check(i == 0 || piece[i] == (piece[i - 1] + 1).toByte()) { "out of order: ${piece.contentToString()}" }
                times[piece[i].toInt()]++
            }
        }
        var last = 0
        for (value in times.indices) {
            check(times[value] <= 1) { "$value was read ${times[value]} times" }
            if (times[value] == 1) last = value
        }
        for (value in 1..last) check(times[value] == 1) { "$value was lost, $last was read" }
        check(last <= sent) { "$last was read, $sent were sent" }
    }

    private fun begin(operation: suspend () -> Unit) {
        jobs.add(
            CoroutineScope(Dispatchers.Unconfined).launch {
                try {
                    operation()
                } catch (_: IOException) {
                    if (!isClosed && !isLeft) wrong.add(AssertionError("nobody has ended it"))
                } catch (e: IllegalStateException) {
                    // Two readers at once, or a write after the end of the output.
                    if (e is kotlin.coroutines.cancellation.CancellationException) throw e
                }
            },
        )
    }
}
