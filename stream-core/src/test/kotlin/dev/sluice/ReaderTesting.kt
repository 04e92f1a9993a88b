@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.sluice

import dev.sluice.testing.Chunking
import dev.sluice.testing.memoryTransportPair
import dev.sluice.transport.ByteSource
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.yield
import java.nio.ByteBuffer

// What the tests of the reader share. Bytes are written as Latin-1 text: one character is one byte, whatever its value.

internal fun latin1(text: String): ByteArray = text.toByteArray(Charsets.ISO_8859_1)

internal val ByteArray.latin1: String get() = toString(Charsets.ISO_8859_1)

internal fun StreamFeed.feed(text: String): Unit = feed(latin1(text))

internal suspend fun StreamReader.readUntil(vararg separators: String): ByteArray =
    readUntil(*Array(separators.size) { latin1(separators[it]) })

internal suspend fun StreamReader.skipUntil(vararg separators: String): Long =
    skipUntil(*Array(separators.size) { latin1(separators[it]) })

/** A reader of [text] and then the end, all of it fed before. */
internal fun readerOf(
    text: String,
    limit: Int = DEFAULT_LIMIT,
): StreamReader {
    val feed = StreamFeed()
    feed.feed(text)
    feed.feedEof()
    return StreamReader(feed, limit)
}

/** A test on one thread and in virtual time: what waits there is known to wait. */
internal fun FunSpec.readerTest(
    name: String,
    body: suspend TestScope.() -> Unit,
) {
    test(name) { runTest(testBody = body) }
}

/** Starts [operation] and lets it run until it waits. */
internal fun <T> TestScope.waiting(operation: suspend () -> T): Deferred<T> {
    val running = async { operation() }
    runCurrent()
    withClue("it waits") { running.isActive shouldBe true }
    return running
}

/** Lets everything run until it waits; [operation] still does. */
internal fun TestScope.stillWaits(operation: Deferred<*>) {
    runCurrent()
    withClue("it still waits") { operation.isActive shouldBe true }
}

/**
 * Hands out one of [pieces] at a time, then the [end].
 *
 * @param whenAsked runs before anything is handed out
 * @param waits whether there is nothing before each piece, and before the end, until somebody has waited for it
 */
internal class PiecewiseSource(
    pieces: List<ByteArray>,
    private val waits: Boolean = false,
    private val whenAsked: () -> Unit = {},
    private val end: () -> Int = { -1 },
) : ByteSource {
    private val left = ArrayDeque(pieces.filter { it.isNotEmpty() }.map(ByteBuffer::wrap))
    private var ready = !waits
    private var closed = false

    override fun tryRead(into: ByteBuffer): Int {
        if (closed) throw StreamClosedException("the source was closed")
        whenAsked()
        if (!ready) return 0
        val piece = left.firstOrNull() ?: return end()
        val count = minOf(piece.remaining(), into.remaining())
        into.put(piece.array(), piece.position(), count)
        piece.advance(count)
        if (!piece.hasRemaining()) {
            left.removeFirst()
            ready = !waits
        }
        return count
    }

    override suspend fun awaitReadable() {
        yield()
        ready = true
    }

    override fun close() {
        closed = true
    }
}

/** The bytes of [text] in one, two, or as many pieces as it has bytes: every way to cut it once, and the finest. */
internal fun everyCut(text: String): List<List<ByteArray>> {
    val halves = (1 until text.length).map { listOf(latin1(text.take(it)), latin1(text.drop(it))) }
    return halves + listOf(text.map { latin1(it.toString()) }, listOf(latin1(text)))
}

/** Runs [check] on readers of [text] and its end, over every kind of source and every cut. */
internal suspend fun inEveryChunking(
    text: String,
    limit: Int = DEFAULT_LIMIT,
    check: suspend (StreamReader) -> Unit,
) {
    withClue("fed at once") { check(readerOf(text, limit)) }
    for (chunking in listOf(Chunking.AsItComes, Chunking.OneByte, Chunking.fixed(3), Chunking.random(1))) {
        withClue("in memory, $chunking") { check(StreamReader(inMemory(text, chunking), limit)) }
    }
    for (pieces in everyCut(text)) {
        for (waits in listOf(false, true)) {
            withClue("in pieces of ${pieces.map { it.size }}, waits=$waits") {
                check(StreamReader(PiecewiseSource(pieces, waits), limit))
            }
        }
    }
}

/** The reading end of an in-memory connection whose peer has written [text] and ended its output. */
internal fun inMemory(
    text: String,
    chunking: Chunking = Chunking.AsItComes,
): ByteSource {
    val (there, here) = memoryTransportPair(chunking = chunking)
    there.tryWrite(ByteBuffer.wrap(latin1(text))) shouldBe text.length
    there.writeEof()
    return here
}
