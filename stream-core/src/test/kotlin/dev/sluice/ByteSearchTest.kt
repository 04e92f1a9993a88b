package dev.sluice

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.nio.ByteBuffer
import kotlin.random.Random

internal class ByteSearchTest : FunSpec({
    test("a byte is found wherever it is, for every range and among its closest neighbours") {
        for (wanted in listOf(0x00, 0x01, 0x0A, 0x7F, 0x80, 0x81, 0xFE, 0xFF)) {
            for (other in listOf(wanted xor 0x01, wanted xor 0x80, wanted + 1, wanted - 1, wanted xor 0xFF)) {
                for (place in 0..26) {
                    val bytes = newReadBuffer(26)
                    repeat(26) { bytes.put(it, other.toByte()) }
                    if (place < 26) bytes.put(place, wanted.toByte())
                    for (from in 0..26) {
                        for (to in from..26) {
                            val expected = if (place in from until to) place else -1
                            if (bytes.indexOfByte(wanted.toByte(), from, to) != expected) {
                                error("$wanted among $other at $place, $from until $to: not $expected")
                            }
                        }
                    }
                }
            }
        }
    }

    test("of several the first is found, for every byte value") {
        for (wanted in 0..255) {
            val bytes = newReadBuffer(40)
            repeat(40) { bytes.put(it, (wanted + 1 + it % 254).toByte()) }
            for (first in 0 until 40) {
                bytes.put(first, wanted.toByte())
                if (first < 39) bytes.put(first + 1, wanted.toByte())
                bytes.indexOfByte(wanted.toByte(), 0, 40) shouldBe first
                repeat(2) { if (first + it < 40) bytes.put(first + it, (wanted + 1).toByte()) }
            }
        }
    }

    test("random bytes, as the naive search finds them, one value and any of several") {
        val random = Random(Random.nextLong())
        repeat(20_000) {
            val bytes = newReadBuffer(64)
            repeat(64) { bytes.put(it, random.nextNeighbour()) }
            val from = random.nextInt(65)
            val to = random.nextInt(from, 65)
            val wanted = List(1 + random.nextInt(4)) { random.nextNeighbour() }
            bytes.indexOfByte(wanted[0], from, to) shouldBe bytes.naiveIndexOf(setOf(wanted[0]), from, to)
            bytes.indexOfAnyByte(wanted.map(::eightOf).toLongArray(), from, to) shouldBe
                bytes.naiveIndexOf(wanted.toSet(), from, to)
        }
    }

    test("no separator of several bytes begins before the place that is found, and most of those that are none are passed over") {
        val random = Random(Random.nextLong())
        var found = 0
        repeat(20_000) {
            val bytes = newReadBuffer(64)
            repeat(64) { bytes.put(it, random.nextNeighbour()) }
            val from = random.nextInt(65)
            val to = random.nextInt(from, 65)
            val separator = ByteArray(2 + random.nextInt(7)) { random.nextNeighbour() }

            fun isAt(place: Int) = separator.indices.all { place + it < to && bytes[place + it] == separator[it] }
            val word = separator.foldRight(0L) { byte, above -> (above shl 8) or (byte.toLong() and 0xFF) }
            val place = bytes.indexOfBeginning(word, -1L ushr (8 * (8 - separator.size)), from, to)
            (from until if (place < 0) to else place).none(::isAt) shouldBe true
            if (place in 0 until to - 16) {
                found++
                isAt(place) shouldBe true
            }
            if (place >= 0) bytes[place] shouldBe separator[0]
        }
        (found > 0) shouldBe true
    }
})

/** Mostly bytes that differ in one bit, or by one, from the others. */
private fun Random.nextNeighbour(): Byte = neighbours.random(this)

private val neighbours = listOf(0x00, 0x01, 0x7E, 0x7F, 0x80, 0x81, 0xFE, 0xFF).map { it.toByte() }

private fun ByteBuffer.naiveIndexOf(
    wanted: Set<Byte>,
    from: Int,
    to: Int,
): Int = (from until to).firstOrNull { get(it) in wanted } ?: -1
