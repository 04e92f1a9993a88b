package dev.sluice

import com.sun.management.ThreadMXBean
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.longs.shouldBeInRange
import kotlinx.coroutines.runBlocking
import java.lang.management.ManagementFactory
import java.nio.ByteBuffer

private const val COUNT = 10_000
private const val LINE = 80

/** The compiler is done with it in one of them. */
private const val ROUNDS = 10

/** An array has a header of 16 bytes, and its size is a multiple of 8. */
private const val ARRAY_OF_LINE = LINE + 16L

/** A function that may suspend returns an object. */
private const val BOXED_INT = 16L

/** The spread array is copied for the call. */
private const val VARARGS = 24L

/** Giving way now and then, and what the JVM does beside: in bytes for each operation. */
private const val TOLERANCE = 8L

internal class ReaderAllocationIT : FunSpec({
    test("R-003 R-004 a line from the buffer allocates its array and nothing else") {
        val perLine = allocatedPerOperation { it.readLineBytes() }
        perLine shouldBeInRange ARRAY_OF_LINE..ARRAY_OF_LINE + TOLERANCE
    }

    test("R-003 R-004 bytes from the buffer allocate their array and nothing else") {
        allocatedPerOperation { it.readExactly(LINE) } shouldBeInRange ARRAY_OF_LINE..ARRAY_OF_LINE + TOLERANCE
        allocatedPerOperation { it.read(LINE) } shouldBeInRange ARRAY_OF_LINE..ARRAY_OF_LINE + TOLERANCE
    }

    test("bytes from the buffer into one of the caller's own allocate no more than the count that is returned") {
        val into = ByteBuffer.allocate(LINE)
        allocatedPerOperation {
            into.clear()
            if (it.buffered == 0) it.awaitLine()
            it.read(into)
        } shouldBeInRange 0..BOXED_INT + TOLERANCE
    }

    test("bytes that the source has go into a buffer of the caller's own as cheaply") {
        val into = ByteBuffer.allocate(LINE)
        allocatedPerOperation {
            into.clear()
            it.read(into)
        } shouldBeInRange 0..BOXED_INT + TOLERANCE
    }

    test("a search for several separators allocates its result and nothing else") {
        val separators = arrayOf(latin1("\r\n"), latin1("x\n"))
        allocatedPerOperation { it.readUntil(*separators) } shouldBeInRange ARRAY_OF_LINE..ARRAY_OF_LINE + VARARGS + TOLERANCE
    }
})

/**
 * Of [COUNT] operations on a stream that is fed before, by the thread that does them, after as many to warm up. The least of
 * several rounds. Inline, because
 * a lambda that may suspend would allocate for itself.
 */
private inline fun allocatedPerOperation(crossinline operation: suspend (StreamReader) -> Unit): Long {
    val threads = ManagementFactory.getThreadMXBean() as ThreadMXBean
    val data = ("x".repeat(LINE - 1) + "\n").repeat(2 * COUNT).toByteArray()
    var least = Long.MAX_VALUE
    runBlocking {
        repeat(ROUNDS) {
            val reader = StreamReader(StreamFeed().apply { feed(data) })
            repeat(COUNT) { operation(reader) }
            val before = threads.getThreadAllocatedBytes(Thread.currentThread().id)
            repeat(COUNT) { operation(reader) }
            least = minOf(least, threads.getThreadAllocatedBytes(Thread.currentThread().id) - before)
        }
    }
    return least / COUNT
}
