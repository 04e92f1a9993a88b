package dev.sluice.process.remote

import dev.sluice.StreamFeed
import dev.sluice.StreamReader
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.property.Arb
import io.kotest.property.arbitrary.int
import io.kotest.property.checkAll
import java.nio.ByteBuffer

internal class WithoutLastWordsTest :
    FunSpec({
        val words = "it ended with "
        val texts =
            listOf(
                "" to "",
                "out\n" to "out\n",
                "it ended with 3\n" to "",
                "out\nit ended with 137\r\n" to "out\n",
                "outit ended with 1\n" to "out",
                "it ended with 3\nmore" to "it ended with 3\nmore",
                "it ended with 3\nit ended with 4\n" to "it ended with 3\n",
                "it it ended with 3\n" to "it ",
                "it ended with " to "it ended with ",
                "it ended with 3" to "it ended with 3",
                "it ended with 3x\n" to "it ended with 3x\n",
                "it ended with 1234\n" to "it ended with 1234\n",
                "\u00ff\u0000it" to "\u00ff\u0000it",
            )

        test("only the words at the end are left out, however the output is cut into pieces") {
            for ((said, expected) in texts) {
                val bytes = said.toByteArray(Charsets.ISO_8859_1)
                checkAll(20, Arb.int(0..bytes.size), Arb.int(0..bytes.size)) { a, b ->
                    val feed = StreamFeed()
                    for ((from, to) in listOf(0, minOf(a, b), maxOf(a, b), bytes.size).zipWithNext()) {
                        if (from < to) feed.feed(bytes.copyOfRange(from, to))
                    }
                    feed.feedEof()
                    StreamReader(WithoutLastWords(Fed(feed), words)).read().toString(Charsets.ISO_8859_1) shouldBe expected
                }
            }
        }

        test("what can't be the beginning of them is handed out at once, and nothing is settled while some of it is held") {
            val feed = StreamFeed()
            val output = WithoutLastWords(Fed(feed), words)
            val into = ByteBuffer.allocate(3)
            output.tryRead(into) shouldBe 0
            output.isSettled() shouldBe true
            feed.feed("a line\nit".toByteArray())
            output.tryRead(into) shouldBe 3
            output.isSettled() shouldBe false
            into.clear()
            output.tryRead(into) shouldBe 3
            into.clear()
            output.tryRead(into) shouldBe 1
            output.tryRead(into) shouldBe 0
            output.isSettled() shouldBe false
            feed.feed(" ended with 7\n".toByteArray())
            output.tryRead(into) shouldBe 0
            output.isSettled() shouldBe true
        }
    })
