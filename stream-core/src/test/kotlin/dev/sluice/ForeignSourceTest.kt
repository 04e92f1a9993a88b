package dev.sluice

import dev.sluice.transport.ByteSource
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.ByteBuffer
import java.nio.ByteOrder

/** Sources of users write into storage that other readers use next: what they do with it must stay with them. */
internal class ForeignSourceTest : FunSpec({
    readerTest("a source that writes numbers writes them in network order") {
        val reader =
            StreamReader(
                once { into ->
                    into.putInt(1)
                    4
                },
            )
        reader.readExactly(4) shouldBe byteArrayOf(0, 0, 0, 1)
    }

    readerTest("a source that changes the byte order of its buffer changes nobody's search for lines") {
        StreamReader(
            once { into ->
                into.order(ByteOrder.LITTLE_ENDIAN).order(ByteOrder.BIG_ENDIAN).put(1)
                1
            },
        ).read(1)
        val reader = readerOf("ab\ncdefgh\nijklmnop\n")
        reader.readLine() shouldBe "ab"
        reader.readLine() shouldBe "cdefgh"
    }

    readerTest("a source that says more than it moved is refused, and gives away no bytes of others") {
        readerOf("secret of another").read(100).latin1 shouldBe "secret of another"
        val liar =
            once { into ->
                into.put(65)
                17
            }
        shouldThrow<IllegalStateException> { StreamReader(liar).read(100) }.message shouldContain "said 17 and moved 1 bytes"
    }
})

private fun once(give: (ByteBuffer) -> Int) =
    object : ByteSource {
        private var given = false

        override fun tryRead(into: ByteBuffer): Int = if (given) -1 else give(into).also { given = true }

        override suspend fun awaitReadable(): Unit = Unit

        override fun close(): Unit = Unit
    }
