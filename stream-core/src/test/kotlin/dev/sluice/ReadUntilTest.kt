package dev.sluice

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.io.IOException

internal class ReadUntilTest : FunSpec({
    readerTest("R-029 R-034 without a separator it is the newline, also with an empty array of separators") {
        inEveryChunking("a\nb\nc") { reader ->
            reader.readUntil().latin1 shouldBe "a\n"
            reader.readUntil(*emptyArray<ByteArray>()).latin1 shouldBe "b\n"
        }
    }

    readerTest("R-030 the result ends with the separator, the rest stays") {
        inEveryChunking("aXYbXY") { reader ->
            reader.readUntil("XY").latin1 shouldBe "aXY"
            reader.read().latin1 shouldBe "bXY"
        }
    }

    readerTest("R-031 a separator that overlaps itself is found where it first ends") {
        inEveryChunking("aaaa") { reader ->
            reader.readUntil("aa").latin1 shouldBe "aa"
            reader.readUntil("aa").latin1 shouldBe "aa"
        }
        inEveryChunking("ababac") { it.readUntil("abac").latin1 shouldBe "ababac" }
        inEveryChunking("aaab") { it.readUntil("aab").latin1 shouldBe "aaab" }
    }

    readerTest("R-032 a separator is found in whatever pieces it comes") {
        inEveryChunking("ab\r\n\r\nzz") { reader ->
            reader.readUntil("\r\n\r\n").latin1 shouldBe "ab\r\n\r\n"
            reader.read().latin1 shouldBe "zz"
        }
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        val read = waiting { reader.readUntil("\r\n\r\n") }
        feed.feed("ab\r\n\r")
        stillWaits(read)
        feed.feed("\nzz")
        read.await().latin1 shouldBe "ab\r\n\r\n"
    }

    readerTest("R-013 R-033 an empty separator is refused before anything else, alone and among others") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        feed.feed("abX")
        reader.read(1).latin1 shouldBe "a"
        val message = "a separator must have at least one byte"
        shouldThrow<IllegalArgumentException> { reader.readUntil("") }.message shouldBe message
        shouldThrow<IllegalArgumentException> { reader.readUntil("X", "") }.message shouldBe message
        shouldThrow<IllegalArgumentException> { reader.skipUntil("", "X") }.message shouldBe message
        reader.readUntil("X").latin1 shouldBe "bX"
        feed.fail(IOException("broken"))
        shouldThrow<IOException> { reader.read() }.message shouldBe "broken"
        shouldThrow<IllegalArgumentException> { reader.readUntil("") }.message shouldBe message
        reader.close()
        shouldThrow<IllegalArgumentException> { reader.readUntil("") }.message shouldBe message
    }

    readerTest("R-034 several separators, any of which ends the part") {
        inEveryChunking("a,b;c--d") { reader ->
            reader.readUntil(",", ";", "--").latin1 shouldBe "a,"
            reader.readUntil(",", ";", "--").latin1 shouldBe "b;"
            reader.readUntil(",", ";", "--").latin1 shouldBe "c--"
            reader.read().latin1 shouldBe "d"
        }
    }

    readerTest("R-034 a separator array that its owner changes later changes nothing") {
        val separator = latin1("XY")
        val reader = readerOf("aXYbZZc")
        reader.readUntil(separator).latin1 shouldBe "aXY"
        separator.fill('Z'.code.toByte())
        reader.readUntil(separator).latin1 shouldBe "bZZ"
    }

    readerTest("R-035 the match that ends first wins, whatever its length, start or place among the arguments") {
        inEveryChunking("ABCDEFG") { reader ->
            reader.readUntil("DEF", "BCDE").latin1 shouldBe "ABCDE"
            reader.read().latin1 shouldBe "FG"
        }
        inEveryChunking("ABCDEFG") { it.readUntil("BCDE", "DEF").latin1 shouldBe "ABCDE" }
    }

    readerTest("R-036 a separator that begins with another never wins") {
        inEveryChunking("a\r\nb\n") { reader ->
            reader.readUntil("\r\n", "\r").latin1 shouldBe "a\r"
            reader.read().latin1 shouldBe "\nb\n"
        }
        inEveryChunking("a\r\nb\n") { reader ->
            reader.readUntil("\r\n", "\n").latin1 shouldBe "a\r\n"
            reader.readUntil("\r\n", "\n").latin1 shouldBe "b\n"
        }
    }

    readerTest("R-037 at the end readUntil throws with what came, empties the buffer, and throws again with nothing") {
        for (separators in listOf(arrayOf("X"), arrayOf("TAXX"), arrayOf("XY", "Z"))) {
            inEveryChunking("abcDATA") { reader ->
                val first = shouldThrow<IncompleteReadException> { reader.readUntil(*separators) }
                first.partial.latin1 shouldBe "abcDATA"
                first.expected shouldBe null
                first.message shouldBe "the stream ended after 7 bytes, before any separator"
                reader.atEof shouldBe true
                repeat(2) {
                    val again = shouldThrow<IncompleteReadException> { reader.readUntil(*separators) }
                    again.partial.latin1 shouldBe ""
                    again.expected shouldBe null
                }
            }
        }
    }

    readerTest("R-038 a separator that is there is found although the end is known") {
        val reader = readerOf("aX\nb")
        shouldThrow<IncompleteReadException> { reader.readExactly(100) }.partial.latin1 shouldBe "aX\nb"
        val overrun = readerOf("abcdX\nef", limit = 1)
        shouldThrow<LimitOverrunException> { overrun.readLine() }
        shouldThrow<LimitOverrunException> { overrun.readUntil("Q", "R") }
        overrun.readExactly(4).latin1 shouldBe "abcd"
        overrun.readUntil("X").latin1 shouldBe "X"
        overrun.readLineBytes().latin1 shouldBe "\n"
        overrun.read().latin1 shouldBe "ef"
    }
})
