package dev.sluice

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import java.nio.ByteBuffer
import java.nio.CharBuffer
import java.nio.charset.CharacterCodingException
import java.nio.charset.Charset
import java.nio.charset.CharsetDecoder
import java.nio.charset.CharsetEncoder
import java.nio.charset.CoderResult
import java.nio.charset.CodingErrorAction
import java.nio.charset.CodingErrorAction.IGNORE
import java.nio.charset.CodingErrorAction.REPLACE
import java.nio.charset.CodingErrorAction.REPORT
import java.nio.charset.MalformedInputException
import kotlin.random.Random

internal class TextReaderTest : FunSpec({
    readerTest("text is the same in every chunking and every charset, whole, in pieces and by line") {
        for ((name, text) in texts) {
            val charset = Charset.forName(name)
            val bytes = text.toByteArray(charset).latin1
            withClue("$name, $text") {
                bytes.toByteArray(Charsets.ISO_8859_1).toString(charset) shouldBe text
                inEveryChunking(bytes) { it.text(charset).read() shouldBe text }
                inEveryChunking(bytes) { it.text(charset).pieces().joinToString("") shouldBe text }
                inEveryChunking(bytes) { it.text(charset, byLine = true).pieces() shouldBe linesOf(text) }
                inEveryChunking(bytes) { it.text(charset, byLine = true).asFlow().toList() shouldBe linesOf(text) }
                inEveryChunking(bytes) { it.text(charset, byLine = true).read() shouldBe text }
            }
        }
    }

    readerTest("UTF-16 with a byte order mark of either order is read without the mark") {
        for (charset in listOf(Charsets.UTF_16BE, Charsets.UTF_16LE)) {
            val bytes = "\uFEFFab\né".toByteArray(charset).latin1
            inEveryChunking(bytes) { it.text(Charsets.UTF_16).read() shouldBe "ab\né" }
            inEveryChunking(bytes) { it.text(Charsets.UTF_16, byLine = true).pieces() shouldBe listOf("ab\n", "é") }
        }
    }

    readerTest("a piece has every character that is complete, and waits for the rest of one that is not") {
        val feed = StreamFeed()
        val text = StreamReader(feed).text()
        val euro = "€".toByteArray().latin1
        feed.feed("a" + euro.take(1))
        text.iterator().hasNext() shouldBe true
        text.iterator().next() shouldBe "a"
        val next = waiting { text.iterator().hasNext() }
        feed.feed(euro.substring(1, 2))
        stillWaits(next)
        feed.feed(euro.substring(2))
        next.await() shouldBe true
        text.iterator().next() shouldBe "€"
    }

    readerTest("malformed bytes are replaced as the JDK replaces them, in every chunking") {
        for (malformed in malformedTexts) {
            val expected = latin1(malformed).toString(Charsets.UTF_8)
            withClue(latin1(malformed).joinToString(" ") { "%02X".format(it) }) {
                inEveryChunking(malformed) { it.text().read() shouldBe expected }
                inEveryChunking(malformed) { it.text().pieces().joinToString("") shouldBe expected }
                inEveryChunking(malformed) { it.text(byLine = true).pieces() shouldBe linesOf(expected) }
                inEveryChunking(malformed) { it.text(onMalformed = IGNORE).read() shouldBe expected.replace("\uFFFD", "") }
            }
        }
    }

    readerTest("random bytes are decoded as the JDK decodes the whole, in every charset") {
        for (name in texts.map { it.first }.distinct()) {
            val charset = Charset.forName(name)
            repeat(30) {
                val seed = Random.nextLong()
                val bytes = Random(seed).nextBytes(24)
                withClue("$name, seed $seed") {
                    val expected = bytes.toString(charset)
                    inEveryChunking(bytes.latin1) { it.text(charset).read() shouldBe expected }
                }
            }
        }
    }

    readerTest("REPORT: the text before the malformed bytes comes first, then the exception, again and again") {
        inEveryChunking("ab\ncd\u00FFef\ngh") { reader ->
            val text = reader.text(byLine = true, onMalformed = REPORT)
            val iterator = text.iterator()
            for (expected in listOf("ab\n", "cd")) {
                iterator.hasNext() shouldBe true
                iterator.next() shouldBe expected
            }
            repeat(2) { shouldThrow<MalformedInputException> { iterator.hasNext() }.inputLength shouldBe 1 }
            shouldThrow<MalformedInputException> { text.read() }
        }
        inEveryChunking("abcd\u00FFef") { reader ->
            val text = reader.text(onMalformed = REPORT)
            repeat(2) { shouldThrow<MalformedInputException> { text.read() } }
            val delivered = mutableListOf<String>()
            shouldThrow<MalformedInputException> { for (piece in text) delivered += piece }
            delivered.joinToString("") shouldBe "abcd"
            shouldThrow<MalformedInputException> { text.asFlow().toList() }
        }
    }

    readerTest("REPORT: a character that the end cuts off is malformed") {
        inEveryChunking("ab\u00E2\u0082") { reader ->
            val text = reader.text(onMalformed = REPORT)
            shouldThrow<MalformedInputException> { text.read() }.inputLength shouldBe 2
        }
        inEveryChunking("ab\u00E2\u0082") { it.text(onMalformed = REPLACE).read() shouldBe "ab\uFFFD" }
        inEveryChunking("ab\u00E2\u0082") { it.text(onMalformed = IGNORE).read() shouldBe "ab" }
    }

    readerTest("REPORT, in a charset with holes: bytes that stand for nothing are reported, too") {
        inEveryChunking("ab\u0081") { reader ->
            shouldThrow<CharacterCodingException> { reader.text(Charset.forName("windows-1252"), onMalformed = REPORT).read() }
        }
    }

    readerTest("R-025 lines are cut before they are decoded: the rest of the stream stays in the reader") {
        for (name in listOf("UTF-8", "ISO-8859-1", "windows-1252", "Shift_JIS", "GB18030")) {
            withClue(name) {
                inEveryChunking("first\nsecond\n\u0001\u0002\u0003") { reader ->
                    val text = reader.text(Charset.forName(name), byLine = true)
                    text.iterator().hasNext() shouldBe true
                    text.iterator().next() shouldBe "first\n"
                    reader.readLine() shouldBe "second"
                    reader.read().latin1 shouldBe "\u0001\u0002\u0003"
                }
            }
        }
    }

    readerTest("R-028 the limit holds for lines of text, and nothing is consumed") {
        inEveryChunking("12345678\nab\n", limit = 7) { reader ->
            val text = reader.text(byLine = true)
            repeat(2) { shouldThrow<LimitOverrunException> { text.iterator().hasNext() }.consumed shouldBe 8 }
            reader.skipUntil() shouldBe 9
            text.pieces() shouldBe listOf("ab\n")
        }
        inEveryChunking("12345678", limit = 7) { it.text().read() shouldBe "12345678" }
    }

    readerTest("R-043 where lines are decoded before they are cut, whether one overruns does not depend on the cuts either") {
        for ((name, bytesEach) in listOf("UTF-16LE" to 2, "UTF-32BE" to 4, "IBM1047" to 1)) {
            val charset = Charset.forName(name)
            withClue(name) {
                val bytes = "ab\n12345678\ncd".toByteArray(charset).latin1
                inEveryChunking(bytes, limit = 8 * bytesEach) {
                    it.text(charset, byLine = true).pieces() shouldBe
                        listOf("ab\n", "12345678\n", "cd")
                }
                inEveryChunking(bytes, limit = 8 * bytesEach - 1) { reader ->
                    val text = reader.text(charset, byLine = true)
                    text.iterator().hasNext() shouldBe true
                    text.iterator().next() shouldBe "ab\n"
                    repeat(
                        2,
                    ) { shouldThrow<LimitOverrunException> { text.iterator().hasNext() }.limit shouldBe 8 * bytesEach - 1 }
                    text.read() shouldBe "12345678\ncd"
                }
                val last = "12345678".toByteArray(charset).latin1
                inEveryChunking(last, limit = 8 * bytesEach - 1) { reader ->
                    shouldThrow<LimitOverrunException> { reader.text(charset, byLine = true).iterator().hasNext() }
                }
            }
        }
    }

    readerTest("R-068 R-069 a cancelled read keeps its text: it is the beginning of the next one") {
        for (byLine in listOf(false, true)) {
            for (charset in listOf(Charsets.UTF_8, Charsets.UTF_16LE)) {
                val feed = StreamFeed()
                val text = StreamReader(feed).text(charset, byLine)
                feed.feed("abé".toByteArray(charset).dropLast(1).toByteArray())
                waiting { text.read() }.cancelAndJoin()
                feed.feed("abé\ncd".toByteArray(charset).drop("abé".toByteArray(charset).size - 1).toByteArray())
                waiting { text.read() }.cancelAndJoin()
                feed.feedEof()
                text.pieces().joinToString("") shouldBe "abé\ncd"
            }
        }
    }

    readerTest("R-068 a last line without a newline is delivered, though its reader is cancelled while it is decoded") {
        val job = Job()
        var delivered: String? = null
        CoroutineScope(job)
            .launch { for (line in readerOf("last").text(DecodingLatin1(job::cancel), byLine = true)) delivered = line }
            .join()
        delivered shouldBe "last"
    }

    readerTest("next() without hasNext() says so, and at the end there is nothing") {
        val text = readerOf("a").text()
        shouldThrow<NoSuchElementException> { text.iterator().next() }
        text.read() shouldBe "a"
        text.read() shouldBe ""
        text.iterator().hasNext() shouldBe false
        readerOf("").text().pieces() shouldBe emptyList()
        readerOf("").text(byLine = true).pieces() shouldBe emptyList()
    }

    readerTest("text of megabytes in one line and in many is read in one pass") {
        val many = "line €\n".repeat(200_000)
        StreamReader(
            StreamFeed()
                .apply {
                    feed(many.toByteArray())
                }.apply { feedEof() },
        ).text(byLine = true).asFlow().toList().size shouldBe
            200_000
        val one = "x".repeat(300_000)
        val bytes = (one + "\n").toByteArray(Charsets.UTF_16LE)
        val reader = StreamReader(PiecewiseSource(bytes.toList().chunked(100).map { it.toByteArray() }), limit = 1_000_000)
        reader.text(Charsets.UTF_16LE, byLine = true).pieces() shouldBe listOf(one + "\n")
    }

    readerTest("a line over the limit that was decoded before it was cut says that read() takes it, and read() does") {
        val text =
            readerOf(
                String("long ".repeat(10).toByteArray(Charsets.UTF_16BE), Charsets.ISO_8859_1),
                limit = 20,
            ).text(Charsets.UTF_16BE, byLine = true)
        val overrun = shouldThrow<LimitOverrunException> { text.iterator().hasNext() }
        overrun.message!!.endsWith("take them with read(), or raise the limit") shouldBe true
        text.read() shouldBe "long ".repeat(10)
    }
})

private val texts: List<Pair<String, String>> =
    listOf(
        "UTF-8" to "a\nzé€😀\n\nend",
        "UTF-8" to "\n",
        "UTF-8" to "é",
        "UTF-16" to "aé\n€😀\nx",
        "UTF-16LE" to "aé\n\u0A0A€😀\nx",
        "UTF-16BE" to "\n\n\u0A0D\u000D\n",
        "UTF-32" to "a\n€😀",
        "UTF-32LE" to "a\n😀\n",
        "ISO-8859-1" to "caf\u00E9\n\u00FF\r\nx",
        "windows-1252" to "“€”\nŠ\n",
        "Shift_JIS" to "日本\n語ソ\nabc",
        "GB18030" to "中\n😀ü\n文",
        "IBM1047" to "Hello\nWorld\n",
    )

private val malformedTexts =
    listOf(
        "\u00FF",
        "a\u0080b\n",
        "\u00C0\u0080",
        "\u00E2\u0082A\n",
        "\u00E2\u0082",
        "\u00F0\u009F\u0098\n\u0080",
        "\u00ED\u00A0\u0080x",
        "\u00F8\u0088\u0080\u0080\u0080",
        "\u00F4\u0090\u0080\u0080",
        "\n\u00E2\n\u0082\n",
    )

private fun linesOf(text: String): List<String> =
    text.split("\n").let { parts ->
        parts.dropLast(1).map { it + "\n" } + parts.last().let { if (it.isEmpty()) emptyList() else listOf(it) }
    }

private suspend fun TextReader.pieces(): List<String> {
    val pieces = mutableListOf<String>()
    for (piece in this) pieces += piece
    return pieces
}

/** ISO-8859-1, which does [onDecoding] whenever it decodes something. */
private class DecodingLatin1(
    private val onDecoding: () -> Unit,
) : Charset("x-decoding-latin1", emptyArray()) {
    override fun contains(other: Charset) = Charsets.ISO_8859_1.contains(other)

    override fun newEncoder(): CharsetEncoder = Charsets.ISO_8859_1.newEncoder()

    override fun newDecoder(): CharsetDecoder =
        object : CharsetDecoder(this, 1f, 1f) {
            override fun decodeLoop(
                from: ByteBuffer,
                to: CharBuffer,
            ): CoderResult {
                if (from.hasRemaining()) onDecoding()
                while (from.hasRemaining()) to.put(Char(from.get().toInt() and 0xFF))
                return CoderResult.UNDERFLOW
            }
        }
}
