package dev.sluice

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.shouldBe
import io.kotest.property.Arb
import io.kotest.property.arbitrary.Codepoint
import io.kotest.property.arbitrary.choice
import io.kotest.property.arbitrary.element
import io.kotest.property.arbitrary.int
import io.kotest.property.arbitrary.list
import io.kotest.property.arbitrary.string
import io.kotest.property.checkAll
import kotlin.random.Random

/** Few letters, so that separators overlap, begin with and contain one another. */
private fun lettersOf(alphabet: String): Arb<Codepoint> = Arb.element(alphabet.map { Codepoint(it.code) })

private val inputs = Arb.choice(Arb.string(0..40, lettersOf("abc")), Arb.string(0..40, lettersOf("abcdefghi")))
private val separatorSets =
    Arb.choice(
        Arb.list(Arb.string(1..4, lettersOf("ab")), 1..4),
        Arb.list(Arb.string(1..3, lettersOf("abcdefgh")), 1..8),
    )
private val chunkings = Arb.list(Arb.int(1..6), 0..30)

internal class ReadUntilPropertyTest : FunSpec({
    test("R-032 R-035 R-036 for any separators and any chunking it is what a search of the whole input finds") {
        checkAll(3_000, inputs, separatorSets, chunkings) { input, separators, sizes ->
            val model = SeparatorModel(input, separators)
            val reader = StreamReader(PiecewiseSource(pieces(input, sizes), waits = sizes.size % 2 == 0))
            var position = 0
            while (true) {
                val end = model.match(position)?.end
                if (end == null) {
                    partialOf { reader.readUntil(*separators.toTypedArray()) } shouldBe input.substring(position)
                    break
                }
                reader.readUntil(*separators.toTypedArray()).latin1 shouldBe input.substring(position, end)
                position = end
            }
        }
    }

    test(
        "R-040 R-041 R-043 R-045 R-047 over the limit for any chunking: when the whole input says so, and the way on leads to the end",
    ) {
        checkAll(3_000, inputs, separatorSets, chunkings, Arb.int(1..12)) { input, separators, sizes, limit ->
            val model = SeparatorModel(input, separators)
            val reader = StreamReader(PiecewiseSource(pieces(input, sizes)), limit)
            var position = 0
            while (true) {
                val match = model.match(position)
                val most = if (match == null) input.length - position + 1 - model.longest else match.start - position
                try {
                    val part = reader.readUntil(*separators.toTypedArray()).latin1
                    (most <= limit) shouldBe true
                    part shouldBe input.substring(position, match!!.end)
                    position = match.end
                } catch (e: IncompleteReadException) {
                    (most <= limit) shouldBe true
                    match shouldBe null
                    e.partial.latin1 shouldBe input.substring(position)
                    break
                } catch (e: LimitOverrunException) {
                    e.limit shouldBe limit
                    e.consumed shouldBeInRange limit + 1..most
                    // A separator is not cut by what is taken, so it is found from there on, too.
                    reader.readExactly(e.consumed).latin1 shouldBe input.substring(position, position + e.consumed)
                    position += e.consumed
                }
            }
        }
    }

    test("skipUntil ends where readUntil does, however far that is") {
        checkAll(2_000, inputs, separatorSets, chunkings) { input, separators, sizes ->
            val model = SeparatorModel(input, separators)
            val reader = StreamReader(PiecewiseSource(pieces(input, sizes)), limit = 1)
            var position = 0
            while (position < input.length) {
                val end = model.match(position)?.end ?: input.length
                reader.skipUntil(*separators.toTypedArray()) shouldBe (end - position).toLong()
                position = end
            }
            reader.skipUntil(*separators.toTypedArray()) shouldBe 0
            reader.atEof shouldBe true
        }
    }

    test("R-018 R-022 lines for any chunking are those of the whole input") {
        val readLines =
            Arb.element<
                suspend (
                    StreamReader,
                ) -> ByteArray,
            >({ it.readLineBytes() }, { it.readUntilOrEnd() }, { it.nextInLoop() })
        checkAll(2_000, Arb.string(0..60, lettersOf("a\r\n")), chunkings, readLines) { input, sizes, readLine ->
            val reader = StreamReader(PiecewiseSource(pieces(input, sizes)))
            for (line in input.split('\n').dropLast(1)) readLine(reader).latin1 shouldBe line + "\n"
            readLine(reader).latin1 shouldBe input.substringAfterLast('\n')
            readLine(reader).latin1 shouldBe ""
        }
    }

    test("searches of different separators may alternate, also after an overrun and with binary data") {
        val random = Random(Random.nextLong())
        repeat(500) {
            val bytes = random.nextBytes(200).latin1
            val reader =
                StreamReader(
                    PiecewiseSource(pieces(bytes, List(100) { 1 + random.nextInt(9) })),
                    limit =
                        1 + random.nextInt(60),
                )
            var position = 0
            while (position < bytes.length) {
                val separators = List(1 + random.nextInt(3)) { random.nextBytes(1 + random.nextInt(2)).latin1 }
                val end = SeparatorModel(bytes, separators).match(position)?.end
                withClue("from $position") {
                    try {
                        reader.readUntil(*separators.toTypedArray()).latin1 shouldBe bytes.substring(position, end!!)
                        position = end
                    } catch (e: LimitOverrunException) {
                        reader.read(1).latin1 shouldBe bytes.substring(position, position + 1)
                        position++
                    } catch (e: IncompleteReadException) {
                        e.partial.latin1 shouldBe bytes.substring(position)
                        position = bytes.length
                    }
                }
            }
        }
    }
})

/** [input] in pieces of these sizes; what is left over is the last one. */
private fun pieces(
    input: String,
    sizes: List<Int>,
): List<ByteArray> {
    var rest = input
    val pieces = sizes.map { size -> latin1(rest.take(size)).also { rest = rest.drop(size) } }
    return pieces + latin1(rest)
}

private suspend fun partialOf(read: suspend () -> Any): String =
    try {
        error("it should be incomplete, but was ${read()}")
    } catch (e: IncompleteReadException) {
        e.partial.latin1
    }

private suspend fun StreamReader.readUntilOrEnd(): ByteArray =
    try {
        readUntil()
    } catch (e: IncompleteReadException) {
        e.partial
    }

private suspend fun StreamReader.nextInLoop(): ByteArray {
    for (line in this) return line
    return ByteArray(0)
}
