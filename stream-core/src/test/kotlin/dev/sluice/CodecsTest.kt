package dev.sluice

import dev.sluice.testing.checkChunkingInvariant
import dev.sluice.testing.memoryStreamPair
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.nio.ByteOrder

internal class CodecsTest : FunSpec({
    suspend fun <T> Codec<T>.encoded(vararg messages: T): ByteArray {
        val (left, right) = memoryStreamPair()
        for (message in messages) left.framed(this).send(message)
        left.writer.writeEof()
        return right.reader.read()
    }

    suspend fun <T> Codec<T>.decodeAll(reader: StreamReader): List<T> = generateSequenceOf { decode(reader) }

    readerTest("lengths have 1, 2, 4 or 8 bytes, in either order") {
        val two = latin1("ab")
        LengthPrefixed(1).encoded(two).latin1 shouldBe "\u0002ab"
        LengthPrefixed(2).encoded(two).latin1 shouldBe "\u0000\u0002ab"
        LengthPrefixed(4).encoded(two).latin1 shouldBe "\u0000\u0000\u0000\u0002ab"
        LengthPrefixed(8).encoded(two).latin1 shouldBe "\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0002ab"
        LengthPrefixed(2, order = ByteOrder.LITTLE_ENDIAN).encoded(two).latin1 shouldBe "\u0002\u0000ab"
        for (width in listOf(1, 2, 4, 8)) {
            for (order in listOf(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
                val codec = LengthPrefixed(width, order = order)
                val messages = listOf(0, 1, 200, 255).map { patternBytes(it, it) }
                val bytes = codec.encoded(*messages.toTypedArray())
                codec.decodeAll(StreamReader(fedWith(bytes))).map { it.toList() } shouldBe messages.map { it.toList() }
            }
        }
    }

    readerTest("lengths are unsigned, and what is over the maximum says how much") {
        shouldThrow<MessageTooLongException> { LengthPrefixed(4).decode(readerOf("\u00ff\u00ff\u00ff\u00ff")) }.length shouldBe
            0xFFFF_FFFFL
        shouldThrow<MessageTooLongException> { LengthPrefixed(8).decode(readerOf("\u00ff".repeat(8))) }.message shouldBe
            "a message of 18446744073709551615 bytes is longer than the 1048576 that are allowed"
        LengthPrefixed(1).decode(readerOf("\u00ff" + "x".repeat(255)))?.size shouldBe 255
        LengthPrefixed(2).decode(readerOf("\u00ff\u00ff" + "x".repeat(65535)))?.size shouldBe 65535
        shouldThrow<MessageTooLongException> { LengthPrefixed(4, maxLength = 3).encoded(latin1("four")) }.message shouldBe
            "a message of 4 bytes is longer than the 3 that are allowed"
        shouldThrow<MessageTooLongException> { LengthPrefixed(1).encoded(ByteArray(256)) }
    }

    test("a width and a maximum that make no sense are refused") {
        shouldThrow<IllegalArgumentException> { LengthPrefixed(3) }.message shouldBe "a length has 1, 2, 4 or 8 bytes, not 3"
        shouldThrow<IllegalArgumentException> { LengthPrefixed(1, maxLength = 256) }.message shouldBe
            "the maximum of a message behind 1 bytes is from 0 to 255, not 256"
        shouldThrow<IllegalArgumentException> { LengthPrefixed(4, maxLength = -1) }
        shouldThrow<IllegalArgumentException> { Lines(Charsets.UTF_16) }
        shouldThrow<IllegalArgumentException> { Delimited(ByteArray(0)) }
    }

    readerTest("lines are text without their ends") {
        Lines().encoded("grün", "", "x").toString(Charsets.UTF_8) shouldBe "grün\n\nx\n"
        checkChunkingInvariant("grün\r\n\nlast") { Lines().decodeAll(it) } shouldBe listOf("grün", "", "last")
        Lines(Charsets.ISO_8859_1).decodeAll(readerOf("\u00fc\n")) shouldBe listOf("ü")
        for (bad in listOf("two\nlines", "line\r", "\r")) shouldThrow<IllegalArgumentException> { Lines().encoded(bad) }
        Lines().encoded("a\rb").latin1 shouldBe "a\rb\n"
        val failure = shouldThrow<MessageTooLongException> { Lines().decode(readerOf("a long line\n", limit = 4)) }
        failure.maxLength shouldBe 4
        failure.message shouldBe "a message of 11 bytes or more is longer than the 4 that are allowed"
    }

    readerTest("delimited messages end with their separator, the last one, too") {
        val codec = Delimited(latin1("--"))
        codec.encoded(latin1("a-b"), latin1(""), latin1("c")).latin1 shouldBe "a-b----c--"
        checkChunkingInvariant("a-b----c--") { reader -> codec.decodeAll(reader) }.map { it.latin1 } shouldBe
            listOf("a-b", "", "c")
        shouldThrow<IncompleteReadException> { codec.decode(readerOf("cut off")) }.partial.latin1 shouldBe "cut off"
        shouldThrow<MessageTooLongException> { codec.decode(readerOf("a long message--", limit = 4)) }.maxLength shouldBe 4
        for (bad in listOf("a--b", "--", "a-")) shouldThrow<IllegalArgumentException> { codec.encoded(latin1(bad)) }
        Delimited(latin1("ab")).encoded(latin1("a")).latin1 shouldBe "aab"
    }

    readerTest("every kind of message is found however it is cut") {
        val messages = listOf("first", "", "third and last").map(::latin1)
        val prefixed = LengthPrefixed(2).encoded(*messages.toTypedArray())
        checkChunkingInvariant(prefixed) { LengthPrefixed(2).decodeAll(it) }.map { it.latin1 } shouldBe messages.map { it.latin1 }
    }
})

private suspend fun <T> generateSequenceOf(next: suspend () -> T?): List<T> {
    val all = ArrayList<T>()
    while (true) all += next() ?: return all
}

private fun fedWith(bytes: ByteArray): StreamFeed =
    StreamFeed().apply {
        feed(bytes)
        feedEof()
    }
