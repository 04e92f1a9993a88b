package dev.sluice

import dev.sluice.transport.ByteSource
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.nio.ByteBuffer
import kotlin.random.Random

/** Bytes that are taken while the buffer holds them, against a plain list of bytes. */
internal class ReadBufferHoldTest : FunSpec({
    test("whatever is added, taken, held and given back in whatever order, the bytes are those of a list") {
        repeat(500) { seed ->
            withClue("seed $seed") {
                val random = Random(seed)
                val buffer = ReadBuffer()
                val bytes = ArrayDeque<Byte>()
                var held: ArrayList<Byte>? = null
                var next = 0
                repeat(200) {
                    when (random.nextInt(8)) {
                        0, 1, 2 -> {
                            val added = patternBytes(1 + random.nextInt(if (random.nextInt(20) == 0) 60_000 else 300), next)
                            next += added.size
                            val source = Once(ByteBuffer.wrap(added))
                            while (source.bytes.hasRemaining()) buffer.readFrom(source)
                            bytes.addAll(added.toList())
                        }

                        3, 4 -> {
                            val count = random.nextInt(buffer.size + 1)
                            val taken = buffer.take(count).toList()
                            taken shouldBe List(count) { bytes.removeFirst() }.also { held?.addAll(it) }
                        }

                        5 -> {
                            if (held == null) {
                                buffer.hold()
                                held = ArrayList()
                            }
                        }

                        6 -> {
                            buffer.shrinkToWait()
                            buffer.expect(0)
                        }

                        else -> {
                            held?.let {
                                if (random.nextBoolean()) {
                                    buffer.giveBack()
                                    bytes.addAll(0, it)
                                } else {
                                    buffer.letGo()
                                }
                            }
                            held = null
                        }
                    }
                    buffer.size shouldBe bytes.size
                }
                buffer.takeAll().toList() shouldBe bytes.toList()
            }
        }
    }
})

/** Has these bytes once. */
private class Once(
    val bytes: ByteBuffer,
) : ByteSource {
    override fun tryRead(into: ByteBuffer): Int {
        val count = minOf(bytes.remaining(), into.remaining())
        repeat(count) { into.put(bytes.get()) }
        return count
    }

    override suspend fun awaitReadable(): Unit = Unit

    override fun close(): Unit = Unit
}
