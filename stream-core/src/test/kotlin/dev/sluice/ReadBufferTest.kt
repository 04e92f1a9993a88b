package dev.sluice

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.nio.ByteBuffer
import kotlin.random.Random

internal class ReadBufferTest : FunSpec({
    test("whatever is done in whatever order, it holds what came and was not taken") {
        repeat(200) {
            val seed = Random.nextLong()
            withClue("seed $seed") { BufferAgainstModel(Random(seed)).run(steps = 300) }
        }
    }

    test("bytes that were expected exactly are handed over, not copied") {
        val size = 3 * READ_SIZE + 17
        val buffer = ReadBuffer()
        buffer.expect(size)
        val data = Random(1).nextBytes(size)
        buffer.addAll(data, upTo = 5_000)
        lateinit var storage: ByteArray
        buffer.peek(size) { array, _, _ -> storage = array }
        val taken = buffer.take(size)
        taken shouldBeSameInstanceAs storage
        taken.contentEquals(data) shouldBe true
        buffer.isEmpty shouldBe true
        buffer.add(latin1("next"))
        buffer.takeAll().latin1 shouldBe "next"
        taken.contentEquals(data) shouldBe true
    }

    test("a few bytes that wait do so in a small array, many in their own") {
        val buffer = ReadBuffer()
        buffer.add(latin1("abc"))
        buffer.storageSize() shouldBe READ_SIZE
        buffer.shrinkToWait()
        buffer.storageSize() shouldBe 512
        buffer.add(ByteArray(509))
        buffer.storageSize() shouldBe 512
        buffer.add(latin1("d"))
        buffer.storageSize() shouldBe READ_SIZE
        buffer.take(3).latin1 shouldBe "abc"
        buffer.drop(509)
        buffer.take(1).latin1 shouldBe "d"
        buffer.storageSize() shouldBe 0

        buffer.add(ByteArray(READ_SIZE / 8 + 1))
        buffer.shrinkToWait()
        buffer.storageSize() shouldBe READ_SIZE
    }

    test("storage grows by doubling, and is compacted instead when most of it is free at its front") {
        val buffer = ReadBuffer()
        buffer.add(ByteArray(READ_SIZE))
        buffer.add(latin1("x"))
        buffer.storageSize() shouldBe 2 * READ_SIZE
        buffer.drop(READ_SIZE)
        buffer.add(ByteArray(READ_SIZE - 1))
        buffer.add(ByteArray(10) { 7 })
        buffer.storageSize() shouldBe 2 * READ_SIZE
        buffer.take(1).latin1 shouldBe "x"
        buffer.drop(READ_SIZE - 1)
        buffer.takeAll() shouldBe ByteArray(10) { 7 }
    }

    test("a read that brings nothing leaves no storage behind, and one that throws keeps what was there") {
        val buffer = ReadBuffer()
        buffer.readFrom(PiecewiseSource(emptyList()) { 0 }) shouldBe 0
        buffer.storageSize() shouldBe 0
        buffer.readFrom(PiecewiseSource(emptyList())) shouldBe -1
        buffer.storageSize() shouldBe 0
        buffer.add(latin1("ab"))
        runCatching { buffer.readFrom(PiecewiseSource(emptyList()) { error("broken") }) }.isFailure shouldBe true
        buffer.takeAll().latin1 shouldBe "ab"
        buffer.storageSize() shouldBe 0
    }

    test("the pool lends no buffer to two at once") {
        val lent = List(100) { ReadBufferPool.borrow() }
        lent.forEach(ReadBufferPool::giveBack)
        val again = List(100) { ReadBufferPool.borrow() }
        for (buffers in listOf(lent, again)) {
            buffers.indices.none { i -> buffers.drop(i + 1).any { it === buffers[i] } } shouldBe true
            buffers.all { it.capacity() == READ_SIZE } shouldBe true
        }
        again.count { buffer -> lent.any { it === buffer } } shouldBeGreaterThan 0
    }
})

private fun ReadBuffer.add(data: ByteArray) {
    val before = size
    val source = PiecewiseSource(listOf(data))
    while (size < before + data.size) readFrom(source)
}

private fun ReadBuffer.addAll(
    data: ByteArray,
    upTo: Int,
) {
    for (from in data.indices step upTo) add(data.copyOfRange(from, minOf(from + upTo, data.size)))
}

private fun ReadBuffer.storageSize(): Int = peek(0) { array, _, _ -> array.size }

/** Does the same to a [ReadBuffer] and to a string. */
private class BufferAgainstModel(
    private val random: Random,
) {
    private val buffer = ReadBuffer()
    private var model = ""

    fun run(steps: Int) {
        repeat(steps) {
            step()
            buffer.size shouldBe model.length
            buffer.isEmpty shouldBe model.isEmpty()
        }
        buffer.takeAll().latin1 shouldBe model
        buffer.size shouldBe 0
    }

    private fun step() {
        val count = if (random.nextInt(4) == 0) model.length else random.nextInt(model.length + 1)
        when (random.nextInt(13)) {
            0, 1, 2 -> {
                add(random.nextInt(1, 1 shl random.nextInt(1, 18)))
            }

            3 -> {
                add(1)
            }

            4 -> {
                taken(count, buffer.take(count).latin1)
            }

            5 -> {
                taken(count, buffer.takeText(count, 0, Charsets.ISO_8859_1))
            }

            6 -> {
                takeTextWithEnding()
            }

            7 -> {
                moveTo(count)
            }

            8 -> {
                buffer.drop(count).also { model = model.drop(count) }
            }

            9 -> {
                buffer.shrinkToWait()
            }

            10 -> {
                if (model.length <
                    1_000_000
                ) {
                    buffer.expect(model.length + random.nextInt(300_000))
                } else {
                    buffer.clear().also { model = "" }
                }
            }

            11 -> {
                search()
            }

            12 -> {
                if (model.isNotEmpty()) random.nextInt(model.length).let { buffer[it] shouldBe model[it].code.toByte() }
            }
        }
    }

    private fun add(size: Int) {
        // Mostly a, so that searches get far.
        val data = ByteArray(size) { "aaaaaaaaaaaabcd"[random.nextInt(15)].code.toByte() }
        buffer.add(data)
        model += data.latin1
    }

    private fun taken(
        count: Int,
        result: String,
    ) {
        (result == model.take(count)) shouldBe true
        model = model.drop(count)
    }

    private fun takeTextWithEnding() {
        if (model.length < 2) return
        val text = buffer.takeText(model.length - 2, 2, Charsets.ISO_8859_1)
        (text == model.dropLast(2)) shouldBe true
        model = ""
    }

    private fun moveTo(count: Int) {
        if (random.nextBoolean()) {
            val into = ByteArray(count + 2)
            buffer.moveTo(into, 1, count) shouldBe count
            taken(count, into.copyOfRange(1, count + 1).latin1)
        } else {
            val into = ByteBuffer.allocateDirect(count)
            buffer.moveTo(into) shouldBe count
            into.flip()
            taken(count, ByteArray(count).also(into::get).latin1)
        }
    }

    /** The progress that a search remembers must not hide a match, whatever was taken or searched for between. */
    private fun search() {
        val (texts, separators) = searches.random(random)
        val first = texts.filter { it in model }.minByOrNull { model.indexOf(it) + it.length }
        val length = if (first == null) 0 else model.indexOf(first) + first.length
        buffer.lengthThrough(separators) shouldBe length
        if (length == 0) {
            val longest = minOf(separators.longest - 1, model.length)
            buffer.undecided shouldBe (longest downTo 0).first { size -> texts.any { it.startsWith(model.takeLast(size)) } }
        } else {
            buffer.matchLength shouldBe texts.filter { model.take(length).endsWith(it) }.minOf { it.length }
        }
    }
}

private val searches: List<Pair<List<String>, Separators>> =
    listOf(
        listOf("d"),
        listOf("z"),
        listOf("dd"),
        listOf("ddaddd", "cdc", "dcd"),
        listOf("zz", "ddddddddd", "cccccccc", "bbbbbbbbb", "daaaaaaaad", "edda"),
        listOf("zaz", "dzd"),
    ).map { texts -> texts to Separators.of(texts.map(::latin1).toTypedArray()) }
