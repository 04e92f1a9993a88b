package dev.sluice

import dev.sluice.testing.memoryTransportPair
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancel
import java.nio.ByteBuffer

/**
 * How much memory an idle stream holds: counted on the heap, over so many of them that what else is there does not show.
 * What lies below, and the coroutine that waits, are counted alone first and left out.
 */
internal class FootprintIT : FunSpec({
    test("an idle reader that was read from holds a few hundred bytes, and no buffer") {
        val below = footprint { usedFeed() }
        val reader =
            footprint {
                val feed = StreamFeed()
                feed.feed("ping\n".toByteArray())
                StreamReader(feed).also { it.readLine() }
            }
        (reader - below).shouldBeAtMost(READER)
    }

    test("an idle writer that has written, waited and drained holds a few hundred bytes") {
        val below = footprint { memoryTransportPair() }
        val writer =
            footprint {
                val (left, right) = memoryTransportPair(capacity = 8)
                val writer = StreamWriter(left)
                writer.write("ping pong\n")
                val drain = begun { writer.drain() }
                StreamReader(right).readExactly(10)
                drain.await().getOrThrow()
                writer
            }
        (writer - below).shouldBeAtMost(WRITER)
    }

    test("a connection that is idle after a round trip costs its reader and its writer, and no buffer") {
        val below = footprint { memoryTransportPair() }
        val two =
            footprint {
                val (left, right) = memoryTransportPair()
                val a = Connection(left)
                val b = Connection(right)
                a.writer.write("ping\n")
                b.writer.write(b.reader.readLine()!!)
                a.writer.drain()
                a.reader.read(4)
                arrayOf(a, b)
            }
        ((two - below) / 2).shouldBeAtMost(READER + WRITER)
    }

    test("a reader that waits holds a few hundred bytes more than a coroutine that waits for its source, and no buffer") {
        val below =
            footprint {
                val feed = usedFeed()
                begun { feed.awaitReadable() }
            }
        val waiting =
            footprint {
                val feed = StreamFeed()
                val reader = StreamReader(feed)
                feed.feed("ping\n".toByteArray())
                reader.readLine()
                begun { reader.read(1) }
            }
        (waiting - below).shouldBeAtMost(READER + WAIT)
    }

    test("a reader that waits for the rest of a line holds what came of it in a small buffer") {
        val below =
            footprint {
                val feed = usedFeed()
                begun { feed.awaitReadable() }
            }
        val waiting =
            footprint {
                val feed = StreamFeed()
                feed.feed("a part of a li".toByteArray())
                val reader = StreamReader(feed)
                begun { reader.readLine() }
            }
        (waiting - below).shouldBeAtMost(READER + WAIT + SMALL_BUFFER)
    }
})

private const val READER = 250L
private const val WRITER = 450L
private const val WAIT = 400L
private const val SMALL_BUFFER = 700L

private const val COUNT = 20_000

private fun usedFeed(): StreamFeed =
    StreamFeed().apply {
        feed(ByteArray(1))
        tryRead(ByteBuffer.allocate(1))
    }

/** The heap that one of what [make] makes keeps, in bytes. Coroutines that it starts end with it. */
private suspend fun footprint(make: suspend CoroutineScope.() -> Any): Long =
    CoroutineScope(Job()).run {
        // Warms up what is shared: classes, pools, the code itself.
        repeat(100) { make() }
        val kept = arrayOfNulls<Any>(COUNT)
        val before = usedHeap()
        for (i in kept.indices) kept[i] = make()
        val after = usedHeap()
        kept.none { it is Deferred<*> && it.isCompleted } shouldBe true
        cancel()
        (after - before) / COUNT
    }

private fun Long.shouldBeAtMost(bound: Long) {
    withClue("each takes $this bytes") { shouldBeLessThan(bound + 1) }
}

/** What is in use once collecting garbage makes it no less. */
private fun usedHeap(): Long {
    val runtime = Runtime.getRuntime()
    var least = Long.MAX_VALUE
    var unchanged = 0
    while (unchanged < 3) {
        System.gc()
        val used = runtime.totalMemory() - runtime.freeMemory()
        if (used < least - 10_000) unchanged = 0 else unchanged++
        least = minOf(least, used)
    }
    return least
}
