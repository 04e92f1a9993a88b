package dev.sluice.net

import dev.sluice.AllAddressesFailedException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.newSingleThreadContext
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.test.TestCoroutineScheduler
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import java.io.IOException
import java.net.ConnectException
import java.net.InetSocketAddress
import java.net.SocketException
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

@OptIn(ExperimentalCoroutinesApi::class)
internal class AddressRaceTest : FunSpec({
    test("C-040, C-041 a silent address is joined by the next one after the delay, the nth of them n delays after the first") {
        runTest {
            val race = Race(silent, silent, silent, connects)
            race.run(250.milliseconds) shouldBe 3
            race.begun shouldBe listOf(0 to 0L, 1 to 250L, 2 to 500L, 3 to 750L)
            currentTime shouldBe 750
        }
    }

    test("C-041 one that answers late wins over one that never does, and nobody is tried after that") {
        runTest {
            val race = Race({ delay(400).let { 7 } }, silent, connects)
            race.run(250.milliseconds) shouldBe 7
            race.begun shouldBe listOf(0 to 0L, 1 to 250L)
            currentTime shouldBe 400
        }
    }

    test("C-038, C-042, C-129 after a failure the next one is tried at once, whatever the delay") {
        runTest {
            val race = Race(refuses, { delay(10).let { throw IOException("unreachable") } }, connects)
            race.run(5.seconds) shouldBe 2
            race.begun shouldBe listOf(0 to 0L, 1 to 0L, 2 to 10L)
        }
    }

    test("C-042 also after the failure of one that is not the latest, and once for each failure") {
        runTest {
            val first = suspend { delay(150).let { throw IOException("first") } }
            val second = suspend { delay(60).let { throw IOException("second") } }
            val race = Race(first, second, silent, silent, connects)
            race.run(100.milliseconds) shouldBe 4
            race.begun shouldBe listOf(0 to 0L, 1 to 100L, 2 to 150L, 3 to 160L, 4 to 260L)
        }
    }

    test("C-043 without a delay all of them are tried at once") {
        runTest {
            val race = Race(silent, silent, { delay(3).let { 2 } })
            race.run(Duration.ZERO) shouldBe 2
            race.begun shouldBe listOf(0 to 0L, 1 to 0L, 2 to 0L)
        }
    }

    test("C-034 the failure of a lone address is thrown as it is") {
        val refused = ConnectException("refused")
        shouldThrow<ConnectException> { Race({ throw refused }).run() } shouldBeSameInstanceAs refused
    }

    test("a lone address needs no coroutine of its own") {
        runBlocking {
            lateinit var job: Job
            val looksAround = suspend { currentCoroutineContext().job.let { job = it }.let { 0 } }
            Race(looksAround).run()
            job shouldBeSameInstanceAs currentCoroutineContext().job
        }
    }

    test("C-035 when all fail, there is one cause for each address, in the order in which they were tried") {
        runTest {
            val late = ConnectException("refused")
            val soon = SocketException("unreachable")
            val nameless = IOException()
            val race = Race({ delay(100).let { throw late } }, { throw soon }, { throw nameless })
            val failure = shouldThrow<AllAddressesFailedException> { race.run(10.milliseconds) }
            failure.causes.zip(listOf(late, soon, nameless)) { kept, thrown -> kept shouldBeSameInstanceAs thrown }.size shouldBe
                3
            failure.message shouldContain "/192.0.2.1:80: refused"
            failure.message shouldContain "/192.0.2.2:80: unreachable"
            failure.message shouldContain "/192.0.2.3:80: IOException"
        }
    }

    test("C-035 an address that its failure names already is not named twice") {
        val told = IOException("refused: db:80 (/192.0.2.1:80)")
        shouldThrow<AllAddressesFailedException> { Race({ throw told }, refuses).run() }.message shouldBe
            "none of 2 addresses could be reached: refused: db:80 (/192.0.2.1:80); /192.0.2.2:80: refused"
    }

    test("C-036 also when all fail for the same reason") {
        shouldThrow<AllAddressesFailedException> { Race(refuses, refuses, refuses).run() }.causes.size shouldBe 3
    }

    test("C-051 a failure that is none of input and output is thrown itself, and keeps the others") {
        val refused = ConnectException("refused")
        val bug = IllegalArgumentException("port out of range")
        for (order in listOf(listOf(refused, bug), listOf(bug, refused))) {
            val attempts = order.map { suspend { throw it } }
            val failure = shouldThrow<IllegalArgumentException> { Race(*attempts.toTypedArray()).run() }
            failure shouldBeSameInstanceAs bug
            failure.suppressed.toList() shouldContain refused
        }
    }

    test("C-051 an attempt that was cancelled by something of its own has failed, and the next one is tried") {
        runTest {
            val impatient = suspend { withTimeout(1.seconds) { awaitCancellation() } }
            Race(impatient, connects).run(1.hours) shouldBe 1
            currentTime shouldBe 1000

            val cancelled = suspend { throw CancellationException("somebody else's") }
            val lone = shouldThrow<IOException> { Race(cancelled).run() }
            lone.message shouldContain "192.0.2.1"
            lone.message shouldContain "somebody else's"
            lone.cause.shouldBeInstanceOf<CancellationException>()

            val failure = shouldThrow<AllAddressesFailedException> { Race(impatient, cancelled).run(1.hours) }
            failure.causes[0].cause.shouldBeInstanceOf<TimeoutCancellationException>()
            failure.causes[1].cause?.message shouldBe "somebody else's"
        }
    }

    test("C-049 when the winner is there, the losers have ended") {
        runTest {
            var closed = 0
            val slowToClose =
                suspend {
                    try {
                        awaitCancellation()
                    } finally {
                        withContext(NonCancellable) { delay(50) }
                        closed++
                    }
                }
            Race(slowToClose, slowToClose, connects).run(10.milliseconds) shouldBe 2
            closed shouldBe 2
        }
    }

    test("C-049 a loser that connects all the same is discarded") {
        runTest {
            val stubborn = suspend { withContext(NonCancellable) { delay(100).let { 77 } } }
            val race = Race(stubborn, connects)
            race.run(10.milliseconds) shouldBe 1
            race.discarded.toList() shouldBe listOf(77)
        }
    }

    test("C-049 of two that connect in the same instant one is handed out and one discarded") {
        runTest {
            val race = Race({ delay(100).let { 0 } }, { delay(90).let { 1 } })
            val winner = race.run(10.milliseconds)
            race.discarded.toList() shouldBe listOf(1 - winner)
        }
    }

    test("C-049 what a loser says about its end is no failure of the race") {
        runTest {
            val grumbles =
                suspend {
                    try {
                        awaitCancellation()
                    } catch (e: CancellationException) {
                        throw IllegalStateException("closed under my feet", e)
                    }
                }
            Race(grumbles, connects).run(10.milliseconds) shouldBe 1
        }
    }

    test("C-052 a cancelled caller leaves no attempt behind, of one address or of several") {
        for (count in 1..3) {
            runTest {
                val attempts = Array(count) { silent }
                val race = Race(*attempts)
                val caller = launch { race.run(10.milliseconds) }
                delay(1000)
                race.begun.size shouldBe count
                caller.cancel()
                caller.join()
                caller.isCancelled shouldBe true
                race.running shouldBe 0
            }
        }
    }

    test("C-052 what a cancelled attempt throws besides is a cancellation to the caller") {
        for (count in 1..2) {
            runTest {
                val torn =
                    suspend {
                        try {
                            awaitCancellation()
                        } catch (_: CancellationException) {
                            throw IOException("the channel was closed")
                        }
                    }
                val race = Race(*Array(count) { torn })
                val caller = supervisorScope { async { race.run(10.milliseconds) }.also { delay(1000) }.also { it.cancel() } }
                shouldThrow<CancellationException> { caller.await() }
                withClue("it is not what is wrong with the address") { race.failures.shouldBeEmpty() }
            }
        }
    }

    test("C-052 one that connects in the instant in which the caller is cancelled is discarded") {
        runTest {
            val callers = ArrayList<Job>()
            val connectsThen = suspend { callers.forEach { it.cancel() }.let { 5 } }
            val race = Race(silent, connectsThen)
            val caller = launch { race.run(10.milliseconds) }.also(callers::add)
            caller.join()
            caller.isCancelled shouldBe true
            race.discarded.toList() shouldBe listOf(5)
            race.running shouldBe 0
        }
    }

    test("C-052 and one that is connected while the caller is being cancelled") {
        runTest {
            val connected = CompletableDeferred<Int>()
            val stubborn = suspend { withContext(NonCancellable) { connected.await() } }
            val race = Race(stubborn, silent)
            val caller = launch { race.run(10.milliseconds) }
            delay(100)
            caller.cancel()
            connected.complete(5)
            caller.join()
            race.discarded.toList() shouldBe listOf(5)
        }
    }

    test("C-050 the race works on any dispatcher") {
        @Suppress("OPT_IN_USAGE")
        newSingleThreadContext("one thread").use { oneThread ->
            EventLoops(1).use { loops ->
                for (dispatcher in listOf(Dispatchers.Unconfined, Dispatchers.Default, Dispatchers.IO, oneThread, loops.next())) {
                    withClue(dispatcher) {
                        withContext(dispatcher) {
                            Race(silent, refuses, silent, connects).run(1.milliseconds) shouldBe 3
                            Race(connects, connects, connects).run(Duration.ZERO) shouldBeInRange 0..2
                            shouldThrow<AllAddressesFailedException> { Race(refuses, refuses).run(1.hours) }.causes.size shouldBe
                                2
                        }
                    }
                }
            }
        }
    }

    test("C-049, C-050 on several threads nothing that was made is lost") {
        withContext(Dispatchers.Default) {
            repeat(2_000) {
                val race = Race(*Array(4) { connects })
                val winner = race.run(Duration.ZERO)
                (race.discarded + winner).sorted() shouldBe race.made.sorted()
                race.running shouldBe 0
            }
        }
    }
})

/** The virtual time of a `runTest`, else nothing. */
@OptIn(ExperimentalCoroutinesApi::class)
private suspend fun timeOfTest(): Long = currentCoroutineContext()[TestCoroutineScheduler]?.currentTime ?: 0

private typealias Attempt = suspend () -> Int?

private val silent: Attempt = { awaitCancellation() }
private val refuses: Attempt = { throw ConnectException("refused") }

/** Makes the number of its place. */
private val connects: Attempt = { null }

/** A race between [attempts], each at an address of its own. */
private class Race(
    private vararg val attempts: Attempt,
) {
    private val addresses = addresses(attempts.size)
    private val beginnings = ConcurrentLinkedQueue<Pair<Int, Long>>()
    private val ends = ConcurrentLinkedQueue<Int>()
    private lateinit var race: AddressRace<Int>
    val made = ConcurrentLinkedQueue<Int>()
    val discarded = ConcurrentLinkedQueue<Int>()

    /** Who began when, by the clock of the test. */
    val begun: List<Pair<Int, Long>> get() = beginnings.toList()
    val running: Int get() = beginnings.size - ends.size
    val failures: List<Throwable> get() = race.failures

    suspend fun run(delay: Duration = 1.hours): Int {
        race = AddressRace(addresses, delay, ::attempt, discarded::add)
        return race.run()
    }

    private suspend fun attempt(address: InetSocketAddress): Int {
        val index = addresses.indexOf(address)
        beginnings += index to timeOfTest()
        try {
            return (attempts[index]() ?: index).also(made::add)
        } finally {
            ends += index
        }
    }
}
