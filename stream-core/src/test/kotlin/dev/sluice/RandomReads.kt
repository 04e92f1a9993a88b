package dev.sluice

import dev.sluice.testing.Chunking
import dev.sluice.testing.memoryTransportPair
import dev.sluice.transport.ByteSource
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.flow.take
import java.nio.ByteBuffer
import java.nio.charset.Charset
import kotlin.random.Random

// Random reading of random text in random pieces, with an account of what was read: each byte once, in order.

/** What was sent, and how much of it was delivered so far. */
internal class Account(
    private val sent: String,
) {
    private var position = 0

    val isSettled: Boolean get() = position == sent.length

    fun took(piece: String) {
        val expected = sent.substring(position, minOf(position + piece.length, sent.length))
        check(piece == expected) { "at $position: was ${piece.visible()}, should be ${expected.visible()}" }
        position += piece.length
    }

    fun took(bytes: ByteArray): Unit = took(bytes.latin1)

    /** A line without its end, which is looked up. */
    fun tookLine(line: String) {
        took(line)
        for (end in listOf("\r\n", "\n")) {
            if (sent.startsWith(end, position)) return took(end)
        }
        check(isSettled) { "at $position: ${line.visible()} is no whole line" }
    }

    fun skipped(count: Long) {
        position += count.toInt()
    }

    override fun toString(): String = "$position of ${sent.visible()}"

    private fun String.visible() = "'" + replace("\r", "\\r").replace("\n", "\\n") + "'"
}

internal fun Random.text(
    length: Int,
    alphabet: String,
): String = String(CharArray(length) { alphabet[nextInt(alphabet.length)] })

/** One random operation, cancellable at any moment; what it delivers goes to the account before anything else can happen. */
internal suspend fun Random.readSomething(
    reader: StreamReader,
    account: Account,
) {
    try {
        when (nextInt(13)) {
            0 -> account.took(reader.read(1 + nextInt(8)))
            1 -> account.took(reader.read()).also { check(account.isSettled) { "read() before the end" } }
            2 -> readInto(reader, account)
            3 -> account.took(reader.readExactly(nextInt(20)))
            4 -> account.took(reader.readLineBytes())
            5 -> reader.readLine(Charsets.ISO_8859_1)?.let(account::tookLine)
            6 -> account.took(reader.readUntil(","))
            7 -> account.took(reader.readUntil(";;", "\n,", ",a,b"))
            8 -> readInLoop(reader, account)
            9 -> reader.lines(Charsets.ISO_8859_1).take(1 + nextInt(4)).collect(account::tookLine)
            10 -> reader.chunks().take(1 + nextInt(4)).collect(account::took)
            11 -> readLinesAsText(reader, account)
            12 -> account.skipped(reader.skip(nextLong(reader.buffered + 1L))) // of what is there: a wait could lose some
        }
    } catch (e: IncompleteReadException) {
        account.took(e.partial)
        check(account.isSettled) { "incomplete before the end" }
    } catch (e: LimitOverrunException) {
        account.took(reader.readExactly(e.consumed))
    }
}

private suspend fun Random.readInto(
    reader: StreamReader,
    account: Account,
) {
    val into = ByteBuffer.allocate(1 + nextInt(8))
    reader.read(into).coerceAtLeast(0) shouldBe into.position()
    account.took(into.array().copyOf(into.position()))
}

private suspend fun Random.readInLoop(
    reader: StreamReader,
    account: Account,
) {
    for (line in reader) {
        account.took(line)
        if (nextInt(3) == 0) break
    }
}

private suspend fun Random.readLinesAsText(
    reader: StreamReader,
    account: Account,
) {
    for (line in reader.text(Charsets.ISO_8859_1, byLine = true)) {
        account.took(line)
        if (nextInt(3) == 0) break
    }
}

/** One random operation of a text reader, which keeps what it decoded and did not deliver. */
internal suspend fun Random.readSomething(
    text: TextReader,
    account: Account,
) {
    when (nextInt(3)) {
        0 -> {
            account.took(text.read())
        }

        1 -> {
            text.asFlow().take(1 + nextInt(4)).collect(account::took)
        }

        2 -> {
            for (piece in text) {
                account.took(piece)
                if (nextInt(3) == 0) break
            }
        }
    }
}

/** Sends something piece by piece to the source of a reader. */
internal class Sender(
    text: String,
    charset: Charset,
    random: Random,
) {
    private val unsent = ByteBuffer.wrap(text.toByteArray(charset))
    private val feed = StreamFeed()
    private val pair = memoryTransportPair(capacity = 1 + random.nextInt(64), chunking = Chunking.random(random.nextLong()))
    private val feeds = random.nextBoolean()

    val source: ByteSource = if (feeds) feed else pair.second
    var isDone = false
        private set

    /** Sends at most [count] bytes, as many as there is room for, or after the last one the end. */
    fun send(count: Int) {
        if (!unsent.hasRemaining()) {
            if (feeds) feed.feedEof() else pair.first.writeEof()
            isDone = true
            return
        }
        val piece = ByteArray(minOf(count, unsent.remaining()))
        unsent.duplicate().get(piece)
        if (feeds) feed.feed(piece)
        unsent.advance(if (feeds) piece.size else pair.first.tryWrite(ByteBuffer.wrap(piece)))
    }
}
