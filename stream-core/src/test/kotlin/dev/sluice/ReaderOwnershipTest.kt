package dev.sluice

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import java.util.Collections
import kotlin.concurrent.thread

private const val REFUSED = "another coroutine is reading from this reader; one operation at a time, each until its end"

internal class ReaderOwnershipTest : FunSpec({
    readerTest("R-064 a second operation while one waits is refused, and the first goes on unharmed") {
        for (first in everyRead) {
            for (second in everyRead) {
                withClue("$second while $first waits") {
                    val feed = StreamFeed()
                    val reader = StreamReader(feed)
                    val owner = waiting { first(reader) }
                    shouldThrow<IllegalStateException> { second(reader) }.message shouldBe REFUSED
                    stillWaits(owner)
                    feed.feed("abcd,\n")
                    feed.feedEof()
                    owner.await()
                    reader.read()
                    reader.atEof shouldBe true
                }
            }
        }
    }

    readerTest("R-065 it is refused although the buffer could serve it") {
        for (second in everyRead) {
            withClue(second) {
                val feed = StreamFeed()
                val reader = StreamReader(feed)
                feed.feed("ab")
                val owner = waiting { reader.readExactly(5) }
                shouldThrow<IllegalStateException> { second(reader) }.message shouldBe REFUSED
                shouldThrow<IllegalStateException> { reader.asInputStream().read() }.message shouldBe REFUSED
                feed.feed("cde")
                owner.await().latin1 shouldBe "abcde"
            }
        }
    }

    readerTest("R-065 it is refused between the wake-up of the first and its run") {
        for (second in everyRead) {
            withClue(second) {
                val feed = StreamFeed()
                val reader = StreamReader(feed)
                val owner = waiting { reader.read(5) }
                feed.feed("abc,\n")
                shouldThrow<IllegalStateException> { second(reader) }.message shouldBe REFUSED
                owner.await().latin1 shouldBe "abc,\n"
            }
        }
    }

    readerTest("R-066 what is refused takes nothing") {
        for (second in everyRead) {
            withClue(second) {
                val feed = StreamFeed()
                val reader = StreamReader(feed)
                feed.feed("ab")
                val line = waiting { reader.readLineBytes() }
                repeat(2) { shouldThrow<IllegalStateException> { second(reader) } }
                feed.feed("cd\nrest")
                line.await().latin1 shouldBe "abcd\n"
                reader.read(10).latin1 shouldBe "rest"
            }
        }
    }

    readerTest("R-067 read(0) and readExactly(0) are empty while another operation waits") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        val owner = waiting { reader.readExactly(3) }
        reader.read(0).latin1 shouldBe ""
        reader.readExactly(0).latin1 shouldBe ""
        reader.skip(0) shouldBe 0
        feed.feed("abc")
        owner.await().latin1 shouldBe "abc"
    }

    readerTest("R-064 after a cancelled operation the reader is free at once") {
        for (first in everyRead) {
            withClue(first) {
                val feed = StreamFeed()
                val reader = StreamReader(feed)
                waiting { first(reader) }.cancelAndJoin()
                val next = waiting { reader.readLine() }
                feed.feed("line\n")
                next.await() shouldBe "line"
            }
        }
    }

    test("R-064 a second operation on another thread is refused, and the first goes on unharmed") {
        val feed = StreamFeed()
        val reader = StreamReader(feed)
        withContext(Dispatchers.Default) {
            val owner = async(start = CoroutineStart.UNDISPATCHED) { reader.readExactly(3) }
            val messages = Collections.synchronizedList(mutableListOf<String?>())
            List(4) {
                thread { messages += runCatching { reader.asInputStream().read() }.exceptionOrNull()?.message }
            }.forEach(Thread::join)
            messages shouldContainExactly List(4) { REFUSED }
            feed.feed("abc")
            owner.await().latin1 shouldBe "abc"
        }
    }

    test("R-066 of readers that race on many threads each byte goes to exactly one, and the others are refused") {
        val data = ByteArray(50_000) { it.toByte() }
        val reader = StreamReader(StreamFeed().apply { feed(data) }.apply { feedEof() })
        val counts = IntArray(256)
        withContext(Dispatchers.Default) {
            List(4) { async { countBytes(reader) } }.forEach { racer ->
                racer.await().forEachIndexed { byte, count -> counts[byte] += count }
            }
        }
        val expected = IntArray(256)
        data.forEach { expected[it.toInt() and 0xFF]++ }
        counts.toList() shouldBe expected.toList()
    }
})

private suspend fun countBytes(reader: StreamReader): IntArray {
    val counts = IntArray(256)
    while (true) {
        val bytes =
            try {
                reader.read(7)
            } catch (e: IllegalStateException) {
                e.message shouldBe REFUSED
                yield()
                continue
            }
        if (bytes.isEmpty()) return counts
        bytes.forEach { counts[it.toInt() and 0xFF]++ }
    }
}
