package dev.sluice

import com.sun.management.ThreadMXBean
import dev.sluice.transport.LoopTransport
import dev.sluice.transport.LossListener
import dev.sluice.transport.Transport
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.longs.shouldBeInRange
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CoroutineStart.UNDISPATCHED
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import java.lang.management.ManagementFactory
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import kotlin.coroutines.Continuation
import kotlin.coroutines.resume

private const val COUNT = 10_000

/** The compiler is done with it in one of them. */
private const val ROUNDS = 50

/** Giving way now and then, and what the JVM does beside: in bytes for each operation. */
private const val TOLERANCE = 8L

/** One frame, a continuation that can be cancelled, and how that hangs on its coroutine; more with assertions on, as here. */
private const val WAIT = 480L

private const val LINE = "GET / HTTP/1.1\r\n"
private const val ARRAY_OF_LINE = 16L + LINE.length

/** A string without the line's end, and its array. */
private const val STRING_OF_LINE = 24L + 16 + LINE.length

internal class LoopAllocationIT : FunSpec({
    test("small writes and a drain in a turn of the loop allocate nothing") {
        val loop = CheapLoop()
        val writer = StreamWriter(loop)
        val head = ByteArray(80)
        val body = ByteArray(500)
        val buffer = ByteBuffer.allocate(100)
        leastPerOperation {
            repeat(COUNT) {
                writer.write(head)
                writer.write(body)
                buffer.clear()
                writer.write(buffer)
                writer.drain()
                loop.endTurn()
            }
        } shouldBeInRange 0..TOLERANCE
    }

    test("small writes that leave at the end of the turn allocate nothing") {
        val loop = CheapLoop()
        val writer = StreamWriter(loop)
        val data = ByteArray(80)
        leastPerOperation {
            repeat(COUNT) {
                writer.write(data)
                writer.write(data)
                loop.endTurn()
            }
        } shouldBeInRange 0..TOLERANCE
    }

    test("a line that is waited for allocates the line, and one wait") {
        val loop = CheapLoop()
        val reader = StreamReader(loop)
        perWait(loop, { reader.readLine() }) shouldBeInRange STRING_OF_LINE..STRING_OF_LINE + WAIT + TOLERANCE
        perWait(loop, { reader.readLineBytes() }) shouldBeInRange ARRAY_OF_LINE..ARRAY_OF_LINE + WAIT + TOLERANCE
    }

    test("bytes that are waited for allocate their array, and one wait") {
        val loop = CheapLoop()
        val reader = StreamReader(loop)
        perWait(loop, { reader.read(100) }) shouldBeInRange ARRAY_OF_LINE..ARRAY_OF_LINE + WAIT + TOLERANCE
        perWait(loop, { reader.readExactly(LINE.length) }) shouldBeInRange ARRAY_OF_LINE..ARRAY_OF_LINE + WAIT + TOLERANCE
    }
})

/** Of [COUNT] times [operation] that waits each time, in bytes. */
private suspend inline fun perWait(
    loop: CheapLoop,
    crossinline operation: suspend () -> Unit,
): Long {
    var least = 0L
    coroutineScope {
        val waiting = launch(Dispatchers.Unconfined, UNDISPATCHED) { while (true) operation() }
        least = leastPerOperation { repeat(COUNT) { loop.receive() } }
        waiting.cancel()
        loop.receive()
    }
    return least
}

private inline fun leastPerOperation(operations: () -> Unit): Long {
    val threads = ManagementFactory.getThreadMXBean() as ThreadMXBean
    var least = Long.MAX_VALUE
    repeat(ROUNDS) {
        val before = threads.getThreadAllocatedBytes(Thread.currentThread().id)
        operations()
        least = minOf(least, threads.getThreadAllocatedBytes(Thread.currentThread().id) - before)
    }
    return least / COUNT
}

/** Takes everything, brings [LINE] when it is told to, and allocates nothing. */
private class CheapLoop :
    LoopTransport,
    Transport by ScriptedTransport() {
    private val line = ByteBuffer.wrap(LINE.toByteArray())
    private var there = false
    private var task: Runnable? = null
    private var waiter: Continuation<Unit>? = null

    override val isInLoop: Boolean get() = true

    override fun afterTurn(task: Runnable) {
        check(this.task == null) { "a turn has one end" }
        this.task = task
    }

    fun endTurn() {
        task?.run()
        task = null
    }

    override fun tryWrite(from: ByteBuffer): Int {
        val count = from.remaining()
        from.advance(count)
        return count
    }

    override fun tryWrite(
        from: Array<ByteBuffer>,
        count: Int,
    ): Long = throw UnsupportedOperationException()

    override fun tryTransfer(
        file: FileChannel,
        position: Long,
        count: Long,
    ): Long = throw UnsupportedOperationException()

    override fun tryRead(into: ByteBuffer): Int {
        if (!there) return 0
        there = false
        line.clear()
        into.put(line)
        return LINE.length
    }

    override fun resumeWhenReadable(waiting: CancellableContinuation<Unit>) {
        waiter = waiting
    }

    fun receive() {
        there = true
        val woken = waiter!!
        waiter = null
        woken.resume(Unit)
    }

    override fun wakeReader() = Unit

    override fun whenLost(listener: LossListener) = Unit

    override suspend fun awaitReleased() = Unit
}
