package dev.sluice

import dev.sluice.testing.Chunking
import dev.sluice.testing.memoryStreamPair
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.yield
import kotlin.random.Random

internal class RelayPropertyTest : FunSpec({
    readerTest("whatever goes both ways in whatever pieces arrives, with its end") {
        repeat(200) { seed ->
            withClue("seed $seed") {
                val random = Random(seed)
                val (client, first) = memoryStreamPair(1 + random.nextInt(3_000), Chunking.random(seed.toLong()))
                val (second, server) = memoryStreamPair(1 + random.nextInt(3_000), Chunking.random(seed + 1L))
                val up = patternBytes(random.nextInt(20_000), seed)
                val down = patternBytes(random.nextInt(20_000), seed + 1)
                val relaying = async { relay(first, second) }
                val received = async { server.reader.read() }
                val sending = launch { client.sendInPieces(up, Random(seed)) }
                launch {
                    delay(random.nextLong(3))
                    // Now and then an answer to nothing, and often one to all.
                    if (random.nextBoolean()) sending.join()
                    server.sendInPieces(down, random)
                }
                client.reader.read() shouldBe down
                received.await() shouldBe up
                val result = relaying.await()
                result.firstToSecond.bytes shouldBe up.size.toLong()
                result.secondToFirst.bytes shouldBe down.size.toLong()
                result.firstToSecond.failure shouldBe null
                result.secondToFirst.failure shouldBe null
            }
        }
    }

    readerTest("cancelled at any moment, it has passed on a beginning, and neither peer sees an orderly end after it") {
        repeat(200) { seed ->
            withClue("seed $seed") {
                val random = Random(seed)
                val (client, first) = memoryStreamPair(1 + random.nextInt(300), Chunking.random(seed.toLong()))
                val (second, server) = memoryStreamPair(1 + random.nextInt(300))
                val up = patternBytes(2_000, seed)
                val relaying = launch(start = CoroutineStart.UNDISPATCHED) { relay(first, second) }
                val sending = launch { runCatching { client.sendInPieces(up, random, ends = false) } }
                val seen = ArrayList<Byte>()
                val receiving =
                    async {
                        runCatching {
                            while (true) {
                                val bytes = server.reader.read(100)
                                check(bytes.isNotEmpty())
                                seen += bytes.toList()
                            }
                        }
                    }
                repeat(random.nextInt(60)) { yield() }
                relaying.cancelAndJoin()
                (receiving.await().exceptionOrNull() is ConnectionResetException) shouldBe true
                sending.join()
                seen shouldBe up.take(seen.size)
            }
        }
    }
})

private suspend fun Connection.sendInPieces(
    data: ByteArray,
    random: Random,
    ends: Boolean = true,
) {
    var sent = 0
    while (sent < data.size) {
        val count = minOf(1 + random.nextInt(700), data.size - sent)
        writer.write(data, sent, count)
        sent += count
        if (random.nextInt(3) == 0) yield() else writer.drain()
    }
    writer.drain()
    if (ends) writer.writeEof()
}
