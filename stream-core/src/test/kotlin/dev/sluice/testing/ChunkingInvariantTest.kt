package dev.sluice.testing

import dev.sluice.IncompleteReadException
import dev.sluice.StreamReader
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withTimeoutOrNull
import kotlin.time.Duration.Companion.seconds

internal class ChunkingInvariantTest : FunSpec({
    test("a parser that waits for whole messages passes, and its result is returned") {
        checkChunkingInvariant("a\r\nbc\n") { it.lines().toList() } shouldBe listOf("a", "bc")
        checkChunkingInvariant(byteArrayOf(1, 2, 3)) { it.read() }.toList() shouldBe listOf<Byte>(1, 2, 3)
        checkChunkingInvariant("") { it.readLine() } shouldBe null
    }

    test("one that takes what is there fails, and the message says where the input was cut") {
        shouldThrow<AssertionError> { checkChunkingInvariant("abc") { it.read(10) } }.message shouldBe
            "the same 3 bytes gave\n  \"abc\" whole, and\n  \"a\" byte by byte"

        suspend fun pairs(reader: StreamReader) = List(3) { reader.read(2).size.coerceAtMost(1) }
        checkChunkingInvariant("abcdef", read = ::pairs) shouldBe listOf(1, 1, 1)
        var run = 0
        shouldThrow<AssertionError> {
            checkChunkingInvariant("abcd") { reader ->
                // As if it depended on the third cut.
                reader.read()
                if (++run == 5) "other" else "same"
            }
        }.message shouldBe "the same 4 bytes gave\n  same whole, and\n  other cut before byte 3"
    }

    test("so does one whose failure differs, and a failure that is always the same is thrown") {
        shouldThrow<IncompleteReadException> {
            checkChunkingInvariant("abc") { it.readExactly(4) }
        }.partial.decodeToString() shouldBe "abc"
        shouldThrow<AssertionError> {
            checkChunkingInvariant("abc") { if (it.read(3).size < 3) throw IllegalStateException("short") }
        }.message shouldBe
            "the same 3 bytes gave\n  kotlin.Unit whole, and\n  java.lang.IllegalStateException: short byte by byte"
    }

    test("bytes are compared by what they are, wherever they are in a result") {
        checkChunkingInvariant("ab") { listOf(setOf(1), mapOf("x" to it.readExactly(1)), it.read() to arrayOf(1)) }
        checkChunkingInvariant("ab") { reader -> intArrayOf(reader.readExactly(2).sum()) }.toList() shouldBe listOf(195)
        shouldThrow<AssertionError> { checkChunkingInvariant("ab") { longArrayOf(it.read(2).size.toLong()) } }
    }

    test("one that is cancelled is neither a result nor a failure of what reads") {
        runTest {
            withTimeoutOrNull(1.seconds) { checkChunkingInvariant("ab") { awaitCancellation() } } shouldBe null
        }
    }

    test("the reader's limit can be set") {
        shouldThrow<dev.sluice.LimitOverrunException> { checkChunkingInvariant("abcdef\n", limit = 3) { it.readLine() } }
    }
})
