package dev.sluice.fuzz

import com.code_intelligence.jazzer.junit.FuzzTest
import dev.sluice.DEFAULT_LIMIT
import dev.sluice.IncompleteReadException
import dev.sluice.LimitOverrunException
import dev.sluice.SeparatorModel
import dev.sluice.StreamFeed
import dev.sluice.StreamReader
import dev.sluice.feed
import dev.sluice.latin1
import dev.sluice.readUntil
import dev.sluice.skipUntil
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import org.junit.jupiter.api.Timeout
import java.nio.ByteBuffer

/** Searches for separators, between other reads, of what is fed piece by piece while somebody waits for it. */
internal class ReadUntilFuzz {
    @Timeout(60)
    @FuzzTest(maxDuration = "2m")
    fun holds(input: ByteArray) {
        val choices = Choices(input)
        val limit = if (choices.yes()) 1 + choices.upTo(39) else DEFAULT_LIMIT
        val letters = choices.oneOf(ALPHABETS)
        val separators = List(1 + choices.upTo(2)) { choices.separators(letters) }
        val script = Choices(choices.bytes(choices.byte()))
        Reading(choices.rest().spelt(letters), separators, limit, script).run()
    }

    private fun Choices.separators(letters: String?) = List(1 + upTo(3)) { bytes(1 + upTo(9)).spelt(letters).ifEmpty { "\n" } }

    /** With few letters separators overlap, contain one another, and are found. */
    private fun ByteArray.spelt(letters: String?) =
        if (letters == null) latin1 else String(CharArray(size) { letters[(this[it].toInt() and 0xFF) % letters.length] })

    private companion object {
        val ALPHABETS = listOf("a\n", "ab\n", "ab,;\r\n", null)
    }
}

/** Reads [sent] as the [script] says, and compares each result with what the whole of it has there. */
private class Reading(
    private val sent: String,
    private val separators: List<List<String>>,
    private val limit: Int,
    private val script: Choices,
) {
    private val feed = StreamFeed()
    private val reader = StreamReader(feed, limit)
    private var fed = 0
    private var position = 0

    fun run() {
        while (!script.isUsedUp) step()
        val last = separators.first()
        do {
            val before = position
            until(last)
        } while (position > before)
        check(position == sent.length) { "the end came at $position of ${sent.length}" }
        check(completed { reader.read(1) }.isEmpty() && reader.atEof) { "the end is no end" }
    }

    private fun step() {
        when (script.upTo(11)) {
            0 -> if (fed <= sent.length) feedPiece()
            1 -> cancelled { reader.readUntil(*wanted()) }
            2 -> cancelled { reader.readExactly(sent.length + 1) }
            3 -> take(completed { reader.readExactly(0) }, 0)
            4 -> skipUntil(script.oneOf(separators))
            5 -> some(1 + script.upTo(9))
            6 -> into(1 + script.upTo(9))
            7 -> exactly(script.upTo(19))
            8 -> line { reader.readLineBytes() }
            9 -> line { lineByIterator() }
            10 -> skip(script.upTo(19))
            else -> until(script.oneOf(separators))
        }
    }

    private fun wanted() = script.oneOf(separators).toTypedArray()

    private fun until(wanted: List<String>) {
        val model = SeparatorModel(sent, wanted)
        val match = model.match(position)
        val most = if (match == null) sent.length - position + 1 - model.longest else match.start - position
        withinLimit(wanted, most) {
            try {
                val part = completed { reader.readUntil(*wanted.toTypedArray()) }
                check(match != null) { "found what is not there" }
                take(part, match.end - position)
            } catch (e: IncompleteReadException) {
                check(match == null) { "did not find what ends at ${match?.end}" }
                take(e.partial, sent.length - position)
            }
        }
    }

    /** Whether there is an overrun is known from the whole; where it is noticed depends on the pieces. */
    private fun withinLimit(
        wanted: List<String>,
        most: Int,
        read: () -> Unit,
    ) {
        try {
            read()
            check(most <= limit) { "$most bytes are over the limit of $limit" }
        } catch (e: LimitOverrunException) {
            check(e.limit == limit && e.consumed in limit + 1..most) { "an overrun of ${e.consumed} instead of $most" }
            if (script.yes()) skipUntil(wanted) else take(completed { reader.readExactly(e.consumed) }, e.consumed)
        }
    }

    private fun line(read: suspend () -> ByteArray) {
        val newline = sent.indexOf('\n', position)
        val before = (if (newline < 0) sent.length else newline) - position
        withinLimit(listOf("\n"), before) { take(completed(read), if (newline < 0) before else before + 1) }
    }

    private suspend fun lineByIterator(): ByteArray {
        for (line in reader) return line
        return ByteArray(0)
    }

    private fun skipUntil(wanted: List<String>) {
        val end = SeparatorModel(sent, wanted).match(position)?.end ?: sent.length
        skipped(completed { reader.skipUntil(*wanted.toTypedArray()) }, end - position)
    }

    private fun skip(count: Int) = skipped(completed { reader.skip(count.toLong()) }, minOf(count, sent.length - position))

    private fun skipped(
        actual: Long,
        expected: Int,
    ) {
        check(actual == expected.toLong()) { "skipped $actual instead of $expected" }
        position += expected
    }

    private fun exactly(count: Int) {
        try {
            take(completed { reader.readExactly(count) }, count)
        } catch (e: IncompleteReadException) {
            check(sent.length - position < count && e.expected == count) { "incomplete, though $count bytes are there" }
            take(e.partial, sent.length - position)
        }
    }

    private fun some(most: Int) {
        val bytes = completed { reader.read(most) }
        check(bytes.size <= most && (bytes.isNotEmpty() || position == sent.length)) { "read($most) was ${bytes.size} bytes" }
        take(bytes, bytes.size)
    }

    private fun into(room: Int) {
        val into = ByteBuffer.allocate(room)
        val count = completed { reader.read(into) }
        check(count == (if (into.position() == 0) -1 else into.position())) { "read(into) was $count" }
        check(count > 0 || position == sent.length) { "read(into) ended at $position" }
        take(into.array().copyOf(into.position()), into.position())
    }

    private fun take(
        bytes: ByteArray,
        count: Int,
    ) {
        check(bytes.size == count && sent.startsWith(bytes.latin1, position)) {
            "at $position came ${bytes.toList()} instead of ${sent.substring(position, position + count).toByteArray().toList()}"
        }
        position += count
    }

    private fun feedPiece() {
        check(fed <= sent.length) { "it waits after the end" }
        if (fed == sent.length) {
            feed.feedEof()
            fed++
            return
        }
        val end = minOf(sent.length, fed + 1 + script.upTo(20))
        feed.feed(sent.substring(fed, end))
        fed = end
    }

    /** What [read] answers when it gets as much as it asks for. */
    @OptIn(ExperimentalCoroutinesApi::class)
    private fun <T> completed(read: suspend () -> T): T {
        val running = started(read)
        while (!running.isCompleted) feedPiece()
        return running.getCompleted().getOrThrow()
    }

    /** A read that is cancelled where it waits has taken nothing: what comes next finds it all. */
    private fun cancelled(read: suspend () -> ByteArray) {
        val running = started(read)
        if (running.isCompleted) return settle(running)
        if (script.yes() && fed < sent.length) feedPiece()
        if (running.isCompleted) return settle(running)
        running.cancel()
    }

    /** Nothing is known of what it asked for, but that it is there. */
    @OptIn(ExperimentalCoroutinesApi::class)
    private fun settle(running: Deferred<Result<ByteArray>>) {
        running.getCompleted().fold({ take(it, it.size) }) { e ->
            when (e) {
                is LimitOverrunException -> Unit
                is IncompleteReadException -> take(e.partial, sent.length - position)
                else -> throw e
            }
        }
    }

    /** In place, on this thread: when it returns, [read] is done or waits. */
    private fun <T> started(read: suspend () -> T): Deferred<Result<T>> =
        CoroutineScope(Dispatchers.Unconfined).async { runCatching { read() } }
}
