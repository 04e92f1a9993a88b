@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.sluice

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.ints.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldEndWith
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import java.nio.charset.Charset
import kotlin.random.Random

private const val ALPHABET = "aab,;\r\n"
private const val SEQUENCES = 400

/** Many more than it takes; a byte that is lost at the end would be waited for for ever. */
private const val MOST_STEPS = 20_000

/** How many readers are at work at once, so that their time-outs run side by side, and how much each of them gets. */
private const val READERS = 220
private const val BYTES_EACH = 3_000

internal class ReaderCancellationPropertyTest : FunSpec({
    test("R-068 R-069 R-070 whatever is cancelled at whatever moment: what was read and what is left is what was sent") {
        forSeeds { random ->
            val sent = random.text(random.nextInt(300), ALPHABET)
            val sender = Sender(sent, Charsets.ISO_8859_1, random)
            val reader = StreamReader(sender.source, limit = 1 + random.nextInt(40))
            val account = Account(sent)
            untilSettled(account, sender) {
                cancelAtSomePoint(random, sender) { random.readSomething(reader, account) }
            }
            reader.read().latin1 shouldBe ""
        }
    }

    test("R-068 a text reader keeps what it decoded before a cancellation") {
        forSeeds { random ->
            val sent = random.text(random.nextInt(200), "aé€\n\r\u0800")
            val charset = Charset.forName(listOf("UTF-8", "UTF-16", "UTF-16LE").random(random))
            val sender = Sender(sent, charset, random)
            val text = StreamReader(sender.source).text(charset, byLine = random.nextBoolean())
            val account = Account(sent)
            untilSettled(account, sender) {
                cancelAtSomePoint(random, sender) { random.readSomething(text, account) }
            }
            text.read() shouldBe ""
        }
    }

    test("R-069 skip and skipUntil that are cancelled lose only what they skipped") {
        forSeeds { random ->
            val sent = random.text(1 + random.nextInt(100), "ab")
            val sender = Sender(sent, Charsets.ISO_8859_1, random)
            val reader = StreamReader(sender.source)
            val most = random.nextInt(sent.length)
            val untilPair = random.nextBoolean()
            cancelAtSomePoint(random, sender) { if (untilPair) reader.skipUntil("abba") else reader.skip(most.toLong()) }
            val left = async { reader.read() }
            while (!sender.isDone) {
                sender.send(9)
                runCurrent()
            }
            val rest = left.await().latin1
            sent shouldEndWith rest
            val end = sent.indexOf("abba").let { if (it < 0) sent.length else it + 4 }
            sent.length - rest.length shouldBeLessThanOrEqual if (untilPair) end else most
        }
    }

    test("R-068 a hundred thousand reads with random time-outs of 0 to 2 ms get every byte once, in order") {
        val seed = Random.nextLong()
        var reads = 0
        var timeOuts = 0
        withClue("seed $seed") {
            withContext(Dispatchers.Default) {
                List(READERS) { async { readWithTimeOuts(Random(seed + it)) } }.awaitAll()
            }.forEach {
                reads += it.first
                timeOuts += it.second
            }
            reads shouldBeGreaterThan 100_000
            timeOuts shouldBeGreaterThan 1_000
        }
    }
})

/** Runs [check] with [SEQUENCES] seeds; a failure names its seed. */
private fun forSeeds(check: suspend TestScope.(Random) -> Unit) {
    var seed = Random.nextLong()
    try {
        runTest { repeat(SEQUENCES) { check(Random(++seed)) } }
    } catch (e: Throwable) {
        throw AssertionError("with seed $seed: ${e.message}", e)
    }
}

private inline fun untilSettled(
    account: Account,
    sender: Sender,
    step: () -> Unit,
) {
    repeat(MOST_STEPS) {
        if (account.isSettled && sender.isDone) return
        step()
    }
    error("something is missing at the end: $account")
}

/** Runs [operation] while more is sent, and perhaps cancels it, before or after a delivery, run or not. */
private suspend fun TestScope.cancelAtSomePoint(
    random: Random,
    sender: Sender,
    operation: suspend () -> Unit,
) {
    val running = launch { operation() }
    while (!running.isCompleted) {
        when (random.nextInt(8)) {
            0 -> running.cancel()
            1, 2, 3 -> sender.send(1 + random.nextInt(12))
            else -> runCurrent()
        }
    }
    running.join()
}

/** How many reads it were, and how many of them timed out. */
private suspend fun readWithTimeOuts(random: Random): Pair<Int, Int> =
    coroutineScope {
        val sent = random.text(BYTES_EACH, ALPHABET)
        val sender = Sender(sent, Charsets.ISO_8859_1, random)
        val reader = StreamReader(sender.source, limit = 1 + random.nextInt(40))
        val account = Account(sent)
        val pace = Random(random.nextLong())
        launch {
            while (!sender.isDone) {
                sender.send(1 + pace.nextInt(12))
                if (pace.nextInt(4) == 0) delay(pace.nextLong(3))
            }
        }
        var reads = 0
        var timeOuts = 0
        while (!account.isSettled) {
            reads++
            withTimeoutOrNull(random.nextLong(3)) { random.readSomething(reader, account) } ?: timeOuts++
        }
        reader.read().latin1 shouldBe ""
        reads to timeOuts
    }
