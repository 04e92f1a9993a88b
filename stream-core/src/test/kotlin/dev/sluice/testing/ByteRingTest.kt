package dev.sluice.testing

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.nio.ByteBuffer
import kotlin.random.Random

internal class ByteRingTest : FunSpec({
    test("it takes no more than its capacity") {
        val ring = ByteRing(3)
        ring.put(ByteBuffer.wrap(ByteArray(5))) shouldBe 3
        ring.put(ByteBuffer.wrap(ByteArray(5))) shouldBe 0
        ring.room shouldBe 0
    }

    test("it holds memory only while there are bytes, and no more than its capacity") {
        val ring = ByteRing(1 shl 20)
        ring.storageSize shouldBe 0
        ring.put(ByteBuffer.wrap(ByteArray(100)))
        ring.storageSize shouldBe 100
        ring.put(ByteBuffer.wrap(ByteArray(2 shl 20)))
        ring.storageSize shouldBe (1 shl 20)
        ring.take(ByteBuffer.allocate(1 shl 20), atMost = Int.MAX_VALUE) shouldBe (1 shl 20)
        ring.storageSize shouldBe 0
    }

    test("bytes come out as they went in, whatever goes in and out between") {
        val random = Random(3)
        val ring = ByteRing(50)
        var put = 0
        var taken = 0
        repeat(10_000) {
            val from = ByteBuffer.wrap(ByteArray(random.nextInt(40)) { (put + it).toByte() })
            put += ring.put(from)
            val into = ByteBuffer.allocate(random.nextInt(40))
            val count = ring.take(into, atMost = random.nextInt(40))
            for (index in 0 until count) into.get(index) shouldBe (taken + index).toByte()
            taken += count
            ring.size shouldBe put - taken
        }
    }
})
