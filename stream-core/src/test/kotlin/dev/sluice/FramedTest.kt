@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.sluice

import dev.sluice.testing.Chunking
import dev.sluice.testing.memoryStreamPair
import dev.sluice.testing.memoryTransportPair
import dev.sluice.testing.scriptedConnection
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.longs.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.withContext
import kotlin.random.Random

internal class FramedTest : FunSpec({
    readerTest("messages are sent and received, until the end") {
        val (left, right) = memoryStreamPair(chunking = Chunking.OneByte)
        val sender = left.framed(LengthPrefixed())
        val receiver = right.framed(LengthPrefixed())
        sender.send(latin1("one"))
        sender.send(latin1(""))
        receiver.receive()?.latin1 shouldBe "one"
        receiver.receive()?.latin1 shouldBe ""
        sender.send(latin1("two"))
        sender.send(latin1("three"))
        sender.close()
        receiver.messages().toList().map { it.latin1 } shouldBe listOf("two", "three")
        receiver.receive() shouldBe null
    }

    readerTest("a peer sees just the bytes of the messages, and its own are found however they are cut") {
        scriptedConnection({
            expect("HELO x\n")
            reply("250 one\r\n250 t")
            reply("wo\n")
            expect("QUIT\n")
        }) { connection ->
            val lines = connection.framed(Lines())
            lines.send("HELO x")
            lines.receive() shouldBe "250 one"
            lines.receive() shouldBe "250 two"
            lines.send("QUIT")
            lines.receive() shouldBe null
        }
    }

    readerTest("what no message was made of stays in the reader") {
        val (left, right) = memoryStreamPair()
        left.framed(Lines()).send("HELLO 7")
        left.writer.write("payload")
        left.writer.writeEof()
        right.framed(Lines()).receive() shouldBe "HELLO 7"
        right.reader.read().latin1 shouldBe "payload"
    }

    readerTest("a cancelled receive has taken nothing, wherever in the message it was") {
        val message = "\u0000\u0000\u0000\u0005hello"
        for (cut in 0 until message.length) {
            withClue("cut at $cut") {
                val (left, right) = memoryStreamPair()
                val receiver = right.framed(LengthPrefixed())
                left.writer.write(latin1(message.take(cut)))
                val receiving = launch { receiver.receive() }
                runCurrent()
                receiving.cancelAndJoin()
                left.writer.write(latin1(message.drop(cut) + "next"))
                left.writer.writeEof()
                receiver.receive()?.latin1 shouldBe "hello"
                right.reader.read().latin1 shouldBe "next"
            }
        }
    }

    readerTest("nor has one that fails: its bytes can be read in another way") {
        val (left, right) = memoryStreamPair()
        left.writer.write(latin1("\u0000\u0009too long!"))
        left.writer.writeEof()
        val receiver = right.framed(LengthPrefixed(width = 2, maxLength = 8))
        val failure = shouldThrow<MessageTooLongException> { receiver.receive() }
        failure.length shouldBe 9
        failure.maxLength shouldBe 8
        failure.message shouldBe "a message of 9 bytes is longer than the 8 that are allowed"
        shouldThrow<MessageTooLongException> { receiver.receive() }
        right.reader.read().latin1 shouldBe "\u0000\u0009too long!"
    }

    readerTest("a message that the end cuts off is an incomplete read") {
        for (text in listOf("\u0000", "\u0000\u0003ab")) {
            val (left, right) = memoryStreamPair()
            left.writer.write(latin1(text))
            left.writer.writeEof()
            shouldThrow<IncompleteReadException> { right.framed(LengthPrefixed(width = 2)).receive() }
            right.reader.read().latin1 shouldBe text
        }
    }

    readerTest("one message at a time is received, and any number sent") {
        val (_, right) = memoryStreamPair()
        val receiver = right.framed(Lines())
        val first = launch { receiver.receive() }
        runCurrent()
        shouldThrow<IllegalStateException> { receiver.receive() }
        first.cancelAndJoin()
    }

    test("messages of many senders stay whole") {
        val (left, right) = memoryStreamPair(capacity = 100)
        // A codec that writes a message in parts.
        val parts =
            object : Codec<Int> {
                override fun encode(
                    message: Int,
                    writer: StreamWriter,
                ) {
                    writer.write("<")
                    repeat(10) { writer.write("$message,") }
                    writer.write(">\n")
                }

                override suspend fun decode(reader: StreamReader): Int? {
                    val line = reader.readLine() ?: return null
                    val numbers = line.removeSurrounding("<", ">").split(',').filter { it.isNotEmpty() }
                    check(numbers.size == 10 && numbers.toSet().size == 1) { "a message is broken: $line" }
                    return numbers[0].toInt()
                }
            }
        withContext(Dispatchers.Default) {
            val received = async { right.framed(parts).messages().toList() }
            List(4) { task -> async { repeat(500) { left.framed(parts).send(task * 500 + it) } } }.awaitAll()
            left.close()
            received.await() shouldContainExactlyInAnyOrder List(2_000) { it }
        }
    }

    readerTest("senders wait while the writer has no room, and no message is too long for it") {
        val (near, far) = memoryTransportPair(capacity = 100)
        val left = Connection(near, writeLimit = 1_000)
        val sender = left.framed(LengthPrefixed())
        val messages = List(20) { patternBytes(400, it) } + patternBytes(10_000, 20)
        val sending = messages.map { async { sender.send(it) } }
        runCurrent()
        left.writer.pending shouldBeLessThanOrEqual 1_000 + 404L
        val receiver = Connection(far).framed(LengthPrefixed())
        val received = async { receiver.messages().toList() }
        sending.awaitAll()
        left.close()
        received.await().map { it.toList() } shouldContainExactlyInAnyOrder messages.map { it.toList() }
    }

    readerTest("a read that a codec leaves behind gives back what it takes") {
        val (left, right) = memoryStreamPair()
        val lines =
            object : Codec<String> {
                override fun encode(
                    message: String,
                    writer: StreamWriter,
                ): Unit = writer.write(message)

                override suspend fun decode(reader: StreamReader): String {
                    reader.readLine()
                    backgroundScope.launch(start = CoroutineStart.UNDISPATCHED) { reader.readLine() }
                    throw IllegalArgumentException("not this one")
                }
            }
        left.writer.write("first\n")
        shouldThrow<IllegalArgumentException> { right.framed(lines).receive() }
        left.writer.write("second\n")
        left.writer.writeEof()
        runCurrent()
        right.reader.read().latin1 shouldBe "first\nsecond\n"
    }

    readerTest("a codec of one's own may use every kind of read, and is rolled back") {
        val (left, right) = memoryStreamPair()
        var step = 0
        val codec =
            object : Codec<List<String>> {
                override fun encode(
                    message: List<String>,
                    writer: StreamWriter,
                ): Unit = writer.writeLines(message.map(::latin1))

                override suspend fun decode(reader: StreamReader): List<String> {
                    val into = java.nio.ByteBuffer.allocate(4)
                    val read = listOf(reader.read(2), reader.readExactly(3), reader.readUntil(";"), reader.readLineBytes())
                    reader.skip(2)
                    val count = reader.read(into)
                    if (step++ == 0) throw IllegalArgumentException("not yet")
                    return read.map { it.latin1 } + into.array().copyOf(count).latin1
                }
            }
        left.framed(codec).send(listOf("aa", "bbb", "c;", "dd\n", "--", "eeee"))
        shouldThrow<IllegalArgumentException> { right.framed(codec).receive() }
        right.framed(codec).receive() shouldBe listOf("aa", "bbb", "c;", "dd\n", "eeee")
        right.reader.buffered shouldBe 0
    }

    readerTest("lines and delimited messages, in pieces, with cancellations in between") {
        val random = Random(8)
        val delimited = Delimited(latin1("--"))
        repeat(100) {
            val (left, right) =
                memoryStreamPair(
                    capacity = 1 + random.nextInt(500),
                    chunking = Chunking.random(random.nextLong()),
                )
            val messages = List(random.nextInt(1, 20)) { "x".repeat(random.nextInt(300)) }
            launch {
                for ((index, message) in messages.withIndex()) {
                    if (index % 2 == 0) left.framed(Lines()).send(message) else left.framed(delimited).send(latin1(message))
                }
            }
            for ((index, message) in messages.withIndex()) {
                val next =
                    suspend {
                        if (index % 2 ==
                            0
                        ) {
                            right.framed(Lines()).receive()
                        } else {
                            right.framed(delimited).receive()?.latin1
                        }
                    }
                while (true) {
                    val receiving = async { next() }
                    repeat(random.nextInt(10)) { testScheduler.runCurrent() }
                    receiving.cancel()
                    receiving.join()
                    if (receiving.isCancelled) continue
                    receiving.await() shouldBe message
                    break
                }
            }
            right.reader.buffered shouldBe 0
        }
    }

    readerTest("large messages, in pieces, with cancellations in between") {
        val random = Random(7)
        repeat(30) {
            val (left, right) = memoryStreamPair(capacity = 5_000, chunking = Chunking.random(random.nextLong()))
            val messages = List(random.nextInt(1, 8)) { patternBytes(random.nextInt(200_000), it) }
            val sending = launch { left.framed(LengthPrefixed()).let { sender -> messages.forEach { sender.send(it) } } }
            val receiver = right.framed(LengthPrefixed())
            for (message in messages) {
                while (true) {
                    val receiving = async { receiver.receive() }
                    repeat(random.nextInt(50)) { testScheduler.runCurrent() }
                    receiving.cancel()
                    receiving.join()
                    if (!receiving.isCancelled) {
                        receiving.await() shouldBe message
                        break
                    }
                    if (random.nextInt(4) == 0) {
                        receiver.receive() shouldBe message
                        break
                    }
                }
            }
            sending.join()
            right.reader.buffered shouldBe 0
        }
    }

    readerTest("closing the connection ends a receive, and drops what was held") {
        val (left, right) = memoryStreamPair()
        left.writer.write(latin1("\u0000\u0009half"))
        val receiving = waiting { runCatching { right.framed(LengthPrefixed(width = 2)).receive() }.exceptionOrNull() }
        right.close()
        (receiving.await() is StreamClosedException) shouldBe true
        right.reader.buffered shouldBe 0
    }

    readerTest("a cancelled send has sent the whole message, or nothing") {
        val (left, right) = memoryStreamPair(capacity = 3)
        val sender = left.framed(Lines())
        val sending = launch { sender.send("a long message") }
        runCurrent()
        sending.cancelAndJoin()
        sender.connection.writer.writeEof()
        right.reader.read().latin1 shouldBe "a long message\n"
    }
})
