package dev.sluice

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import java.nio.charset.Charset

internal class ReadLineTest : FunSpec({
    readerTest("R-018 readLineBytes gives each line with its end, the last one as it is, then empty for ever") {
        inEveryChunking("a\nb\r\n\ncd") { reader ->
            reader.readLineBytes().latin1 shouldBe "a\n"
            reader.readLineBytes().latin1 shouldBe "b\r\n"
            reader.readLineBytes().latin1 shouldBe "\n"
            reader.readLineBytes().latin1 shouldBe "cd"
            repeat(3) { reader.readLineBytes().latin1 shouldBe "" }
        }
    }

    readerTest("R-019 only a line feed ends a line") {
        inEveryChunking("a\rb\u0085c\u000B\u000C\n\r\r\n") { reader ->
            reader.readLineBytes().latin1 shouldBe "a\rb\u0085c\u000B\u000C\n"
            reader.readLineBytes().latin1 shouldBe "\r\r\n"
        }
        inEveryChunking("a\rb\nc") { it.readLine() shouldBe "a\rb" }
        inEveryChunking("a\rb\nc") { it.lines().toList() shouldBe listOf("a\rb", "c") }
        inEveryChunking("a\rb\nc") { it.linesInLoop() shouldBe listOf("a\rb\n", "c") }
    }

    readerTest("R-020 readLine drops the line feed and one carriage return right before it, and nothing else") {
        inEveryChunking("a\nb\r\nc\r\r\n\rd\ne\r") { reader ->
            reader.readLine() shouldBe "a"
            reader.readLine() shouldBe "b"
            reader.readLine() shouldBe "c\r"
            reader.readLine() shouldBe "\rd"
            reader.readLine() shouldBe "e\r"
            reader.readLine() shouldBe null
        }
    }

    readerTest("R-020 a line is cut before it is decoded, and the limit counts its bytes") {
        val euros = "€€\n".toByteArray().latin1
        inEveryChunking(euros, limit = 6) { it.readLine() shouldBe "€€" }
        inEveryChunking(euros, limit = 5) { reader ->
            shouldThrow<LimitOverrunException> { reader.readLine() }
            reader.read().latin1 shouldBe euros
        }
        inEveryChunking("caf\u00E9\r\n\u00FF\n") { reader ->
            reader.readLine(Charsets.ISO_8859_1) shouldBe "café"
            reader.readLine() shouldBe "\uFFFD"
        }
        val japanese = "日本\r\n語".toByteArray(Charset.forName("Shift_JIS")).latin1
        inEveryChunking(japanese) { it.lines(Charset.forName("Shift_JIS")).toList() shouldBe listOf("日本", "語") }
    }

    readerTest("R-020 readLine and lines refuse a charset whose newline is not the byte 0A, and take nothing") {
        for (name in listOf("UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32", "IBM1047")) {
            val reader = readerOf("ab\n")
            val charset = Charset.forName(name)
            shouldThrow<IllegalArgumentException> { reader.readLine(charset) }.message shouldContain name
            shouldThrow<IllegalArgumentException> { reader.lines(charset) }.message shouldContain "byLine = true"
            reader.readLine() shouldBe "ab"
        }
    }

    readerTest("R-021 an empty line is not the end") {
        inEveryChunking("\n\r\n") { reader ->
            reader.readLineBytes().latin1 shouldBe "\n"
            reader.readLineBytes().latin1 shouldBe "\r\n"
            reader.readLineBytes().latin1 shouldBe ""
        }
        inEveryChunking("\n\r\n") { reader ->
            reader.readLine() shouldBe ""
            reader.readLine() shouldBe ""
            repeat(2) { reader.readLine() shouldBe null }
        }
    }

    readerTest("R-027 a loop over the reader gives the lines; a second loop ends at once") {
        inEveryChunking("a\n\nb") { reader ->
            reader.linesInLoop() shouldBe listOf("a\n", "\n", "b")
            reader.linesInLoop() shouldBe emptyList()
        }
        readerOf("").linesInLoop() shouldBe emptyList()
    }

    readerTest("R-027 a loop that is left leaves the next lines to whoever reads then") {
        inEveryChunking("a\nb\nc\nd\ne") { reader ->
            for (line in reader) {
                line.latin1 shouldBe "a\n"
                break
            }
            reader.readLine() shouldBe "b"
            reader.lines().first() shouldBe "c"
            val iterator = reader.iterator()
            iterator.hasNext() shouldBe true
            iterator.hasNext() shouldBe true
            reader.readExactly(1).latin1 shouldBe "d"
            iterator.next().latin1 shouldBe "\n"
            reader.lines().take(5).toList() shouldBe listOf("e")
        }
    }

    readerTest("next() without a line there says that hasNext() comes first") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        feed.feed("a\nb")
        val iterator = reader.iterator()
        shouldThrow<NoSuchElementException> { iterator.next() }.message shouldContain "hasNext()"
        iterator.hasNext() shouldBe true
        iterator.next().latin1 shouldBe "a\n"
        shouldThrow<NoSuchElementException> { iterator.next() }
        feed.feedEof()
        iterator.hasNext() shouldBe true
        iterator.next().latin1 shouldBe "b"
        iterator.hasNext() shouldBe false
        shouldThrow<NoSuchElementException> { iterator.next() }
    }
})

private suspend fun StreamReader.linesInLoop(): List<String> {
    val lines = mutableListOf<String>()
    for (line in this) lines += line.latin1
    return lines
}
