package dev.sluice

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

internal class LimitedTest : FunSpec({
    readerTest("a limited reader ends after its bytes, and the rest stays with the reader below") {
        inEveryChunking("abcdefg") { reader ->
            val head = reader.limited(3)
            head.read(1).latin1 shouldBe "a"
            head.read().latin1 shouldBe "bc"
            head.atEof shouldBe true
            reader.read().latin1 shouldBe "defg"
        }
    }

    readerTest("it ends earlier where the reader below does, and a limit of nothing is the end") {
        inEveryChunking("abc") { reader ->
            reader.limited(0).read().latin1 shouldBe ""
            reader.limited(Long.MAX_VALUE).readLine() shouldBe "abc"
            shouldThrow<IncompleteReadException> { reader.limited(5).readExactly(1) }
        }
        shouldThrow<IllegalArgumentException> { readerOf("").limited(-1) }
    }

    readerTest("it has the limit and the info of the reader below, and closes it") {
        val reader = readerOf("abc\n", limit = 2)
        val limited = reader.limited(4)
        shouldThrow<LimitOverrunException> { limited.readLine() }
        limited.info.toString() shouldBe reader.info.toString()
        limited.close()
        shouldThrow<StreamClosedException> { reader.read() }
        shouldThrow<StreamClosedException> { limited.read() }
    }

    readerTest("closing it ends its wait") {
        val limited = StreamReader(StreamFeed()).limited(1)
        val waiting = waiting { runCatching { limited.read(1) }.exceptionOrNull() }
        limited.close()
        (waiting.await() is StreamClosedException) shouldBe true
    }
})
