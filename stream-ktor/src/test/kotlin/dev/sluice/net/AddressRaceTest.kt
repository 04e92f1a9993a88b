package dev.sluice.net

import dev.sluice.AllAddressesFailedException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.StandardTestDispatcher
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.UnconfinedTestDispatcher
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield
import java.io.IOException
import java.net.ConnectException
import java.net.InetSocketAddress
import java.net.SocketException
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.atomic.AtomicInteger
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

@OptIn(ExperimentalCoroutinesApi::class)
internal class AddressRaceTest :
    FunSpec({
        test("C-041 an address that is silent is joined by the next one after each delay") {
            runTest {
                val track = Track(this)
                val race = track.race(5, 250.milliseconds) { if (it == 4) "won" else silence() }
                race.run() shouldBe "won"
                track.starts shouldContainExactly listOf(0L, 250L, 500L, 750L, 1000L)
                race.begun shouldBe 5
            }
        }

        test("C-041 the first one wins though others have begun, and the race is over then") {
            runTest {
                val track = Track(this)
                val answer = track.race(5, 250.milliseconds) { if (it == 0) after(600, "slow") else silence() }.run()
                answer shouldBe "slow"
                currentTime shouldBe 600
                track.starts shouldContainExactly listOf(0L, 250L, 500L)
                track.ended.get() shouldBe 3
            }
        }

        test("C-042 a failure starts the next one at once") {
            runTest {
                val track = Track(this)
                track.race(3, 5.seconds) { if (it == 2) "won" else throw refused(it) }.run() shouldBe "won"
                track.starts shouldContainExactly listOf(0L, 0L, 0L)
            }
        }

        test("C-042, C-129 a failure amid a delay starts the next one at once, and the delay begins anew") {
            runTest {
                val track = Track(this)
                val race =
                    track.race(4, 250.milliseconds) {
                        when (it) {
                            0 -> failAfter(100, refused(it))
                            3 -> "won"
                            else -> silence()
                        }
                    }
                race.run() shouldBe "won"
                track.starts shouldContainExactly listOf(0L, 100L, 350L, 600L)
            }
        }

        test("C-042 a failure of an earlier one starts one more, too") {
            runTest {
                val track = Track(this)
                val race =
                    track.race(4, 1.seconds) {
                        when (it) {
                            0 -> failAfter(1100, refused(it))
                            3 -> "won"
                            else -> silence()
                        }
                    }
                race.run() shouldBe "won"
                track.starts shouldContainExactly listOf(0L, 1000L, 1100L, 2100L)
            }
        }

        test("C-043 without a delay all start at once") {
            runTest {
                val track = Track(this)
                track.race(4, Duration.ZERO) { if (it == 3) after(70, "won") else silence() }.run() shouldBe "won"
                track.starts shouldContainExactly listOf(0L, 0L, 0L, 0L)
                currentTime shouldBe 70
            }
        }

        test("C-125 an endless delay tries one after another") {
            runTest {
                val track = Track(this)
                val race = track.race(3, Duration.INFINITE) { if (it == 2) "won" else failAfter(600_000, refused(it)) }
                race.run() shouldBe "won"
                track.starts shouldContainExactly listOf(0L, 600_000L, 1_200_000L)
            }
        }

        test("C-034 one address that fails is that failure itself") {
            runTest {
                val failure = refused(0)
                shouldThrow<ConnectException> { Track(this).race(1, 1.seconds) { throw failure }.run() } shouldBeSameInstanceAs
                    failure
            }
        }

        test("C-035, pain 26 several failures are one exception with a cause for each, in the order in which they were tried") {
            runTest {
                val failures =
                    listOf(ConnectException("Connection refused: a"), SocketException("unreachable: b"), IOException("odd: c"))
                val race = Track(this).race(3, 10.milliseconds) { throw failures[it] }
                val thrown = shouldThrow<AllAddressesFailedException> { race.run() }
                thrown.causes shouldContainExactly failures
                thrown.suppressed.toList() shouldContainExactly failures
                thrown.message shouldBe
                    "none of 3 addresses could be reached: Connection refused: a; unreachable: b; odd: c"
            }
        }

        test("C-035 the order is that of the attempts, whichever failed first") {
            runTest {
                val failures = List(3, ::refused)
                val race = Track(this).race(3, 10.milliseconds) { failAfter(1000 - 300 * it, failures[it]) }
                shouldThrow<AllAddressesFailedException> { race.run() }.causes shouldContainExactly failures
            }
        }

        test("C-036 failures that read the same still are one for each address") {
            runTest {
                val race = Track(this).race(3, 10.milliseconds) { throw ConnectException("Connection refused") }
                shouldThrow<AllAddressesFailedException> { race.run() }.causes.size shouldBe 3
            }
        }

        test("C-038 a failure is forgotten when another address answers") {
            runTest {
                val race = Track(this).race(2, 1.seconds) { if (it == 1) "won" else throw refused(it) }
                race.run() shouldBe "won"
                race.failures.map { it.message } shouldContainExactly listOf("refused 0")
            }
        }

        test("C-049 when the race is over, all others have come to their end") {
            runTest {
                val track = Track(this)
                val race =
                    track.race(4, 10.milliseconds) {
                        if (it == 3) {
                            "won"
                        } else {
                            try {
                                silence()
                            } finally {
                                withContext(NonCancellable) { delay(1000) }
                            }
                        }
                    }
                race.run() shouldBe "won"
                track.ended.get() shouldBe 4
                currentTime shouldBe 1030
            }
        }

        test("C-049 one that came through after the winner is discarded") {
            runTest {
                val track = Track(this)
                val race = track.race(3, 10.milliseconds) { if (it == 2) "won" else stubborn("late $it") }
                race.run() shouldBe "won"
                track.discarded.shouldContainExactlyInAnyOrder("late 0", "late 1")
            }
        }

        test("C-049 of those that come through in the same instant, one is kept and the others are discarded") {
            repeat(2_000) { round ->
                val made = ConcurrentLinkedQueue<Int>()
                val discarded = ConcurrentLinkedQueue<Int>()
                val attempt: suspend (InetSocketAddress) -> Int = { address ->
                    repeat(round % 3) { yield() }
                    address.port.also(made::add)
                }
                val won =
                    withContext(Dispatchers.Default) { AddressRace(addresses(4), Duration.ZERO, attempt, discarded::add).run() }
                withClue("round $round") { (discarded + won) shouldContainExactlyInAnyOrder made.toList() }
            }
        }

        test("C-050 the race works with any dispatcher") {
            EventLoops(1, "race").use { loops ->
                val dispatchers = listOf(Dispatchers.Unconfined, Dispatchers.Default, loops.next(), EmptyCoroutineContext)
                for (dispatcher in dispatchers) withClue(dispatcher) { worksOn(dispatcher) }
            }
        }

        test("C-050 the race works in virtual time, eager or not") {
            runTest {
                worksOn(StandardTestDispatcher(testScheduler))
                worksOn(UnconfinedTestDispatcher(testScheduler))
                currentTime shouldBe 4 * 3_600_000L
            }
        }

        test("C-051 what is no IOException is thrown as it is, and what else went wrong is with it") {
            runTest {
                val bug = IllegalStateException("a bug")
                val others = listOf(refused(0), refused(2))
                val race = Track(this).race(3, 1.seconds) { throw if (it == 1) bug else others[it / 2] }
                val thrown = shouldThrow<IllegalStateException> { race.run() }
                thrown shouldBeSameInstanceAs bug
                thrown.suppressed.toList() shouldContainExactly others
            }
        }

        test("C-051 an attempt that is cancelled from inside is a failure as any other, and the race goes on") {
            runTest {
                val track = Track(this)
                track.race(2, 1.seconds) { if (it == 1) "won" else throw CancellationException("inside") }.run() shouldBe "won"
                track.starts shouldContainExactly listOf(0L, 0L)

                val lost = Track(this).race(2, 1.seconds) { withTimeout(5) { silence() } }
                val thrown = shouldThrow<AllAddressesFailedException> { lost.run() }
                thrown.causes.forEach { it.message shouldContain "was cancelled" }

                val alone = Track(this).race(1, 1.seconds) { throw CancellationException("inside") }
                shouldThrow<IOException> { alone.run() }.message shouldContain "inside"
            }
        }

        test("C-052 a caller who is cancelled ends all attempts before it goes on") {
            runTest {
                val track = Track(this)
                val race = track.race(3, 10.milliseconds) { silence() }
                val caller = launch { race.run() }
                delay(15)
                track.starts shouldContainExactly listOf(0L, 10L)
                caller.cancelAndJoin()
                track.ended.get() shouldBe 2
                caller.isCancelled shouldBe true
                delay(1.minutes)
                track.starts.size shouldBe 2
            }
        }

        test("C-052 an attempt that comes through just as the caller is cancelled is discarded") {
            runTest {
                val track = Track(this)
                val race = track.race(2, 10.milliseconds) { stubborn("late $it") }
                val caller = launch { race.run() }
                delay(15)
                caller.cancelAndJoin()
                track.discarded.shouldContainExactlyInAnyOrder("late 0", "late 1")
            }
        }

        test("C-052 a winner of whom the caller has not heard yet is discarded") {
            runTest {
                val track = Track(this)
                val race = track.race(2, 10.milliseconds) { if (it == 0) after(5, "won") else silence() }
                val caller = launch(start = CoroutineStart.UNDISPATCHED) { race.run() }
                testScheduler.advanceTimeBy(5.milliseconds)
                // The winner's turn comes now; the caller's would be the next.
                launch(start = CoroutineStart.UNDISPATCHED) {
                    yield()
                    caller.cancel()
                }
                runCurrent()
                caller.isCancelled shouldBe true
                track.discarded shouldContainExactly listOf("won")
            }
        }
    })

/** What the attempts of a race did, and when by the clock of [scope]. */
@OptIn(ExperimentalCoroutinesApi::class)
private class Track(
    private val scope: TestScope,
) {
    val starts = ArrayList<Long>()
    val discarded = ArrayList<String>()
    val ended = AtomicInteger()

    fun race(
        count: Int,
        delay: Duration,
        attempt: suspend (Int) -> String,
    ) = AddressRace(
        addresses(count),
        delay,
        {
            starts += scope.currentTime
            try {
                attempt(it.port - 1)
            } finally {
                ended.incrementAndGet()
            }
        },
        discarded::add,
    )
}

/** Told apart by their ports, from 1. */
private fun addresses(count: Int) = List(count) { InetSocketAddress("127.0.0.1", it + 1) }

private fun refused(index: Int) = ConnectException("refused $index")

private suspend fun silence(): Nothing = awaitCancellation()

private suspend fun after(
    millis: Int,
    result: String,
): String {
    delay(millis.milliseconds)
    return result
}

private suspend fun failAfter(
    millis: Int,
    failure: Exception,
): Nothing {
    delay(millis.milliseconds)
    throw failure
}

/** Comes through although it is told to stop. */
private suspend fun stubborn(result: String): String =
    try {
        silence()
    } catch (_: CancellationException) {
        result
    }

/** Silence, a failure, and an answer; then nothing but failures; each takes no more than two delays. */
private suspend fun worksOn(dispatcher: CoroutineContext) {
    val delay = if (dispatcher.isVirtual) 1.minutes * 60 else 1.milliseconds
    withContext(dispatcher) {
        val won =
            AddressRace(addresses(3), delay, {
                when (it.port) {
                    1 -> silence()
                    2 -> throw refused(1)
                    else -> "won"
                }
            }, {})
        won.run() shouldBe "won"
        won.begun shouldBe 3
        val lost =
            AddressRace<String>(addresses(3), delay, {
                if (it.port == 2) delay(delay)
                throw refused(it.port)
            }, {})
        shouldThrow<AllAddressesFailedException> { lost.run() }.causes.map { it.message } shouldContainExactly
            listOf("refused 1", "refused 2", "refused 3")
    }
}

private val CoroutineContext.isVirtual: Boolean get() = this::class.qualifiedName.orEmpty().startsWith("kotlinx.coroutines.test.")
