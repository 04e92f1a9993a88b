@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.sluice.simulation

import dev.sluice.Connection
import dev.sluice.testing.Chunking
import dev.sluice.testing.FaultyTransport
import dev.sluice.testing.memoryTransportPair
import dev.sluice.transport.Transport
import io.kotest.matchers.ints.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.StandardTestDispatcher
import kotlinx.coroutines.test.TestCoroutineScheduler
import kotlin.random.Random
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes

/**
 * Two connected sides that talk with each other, in an order, on a network and with accidents that all follow from [seed]: on one thread and
 * in virtual time, so that the same seed always does the same.
 */
internal class Simulation(
    private val seed: Long,
) {
    private val random = Random(seed)
    private val scheduler = TestCoroutineScheduler()
    private val dispatcher = SeededDispatcher(StandardTestDispatcher(scheduler), random)
    private val weathers = List(2) { Weather(random) }
    private val isCalm = weathers.all { it.isCalm }
    private val trace = ArrayList<String>()
    private val sides: List<Side>

    init {
        val (here, there) =
            memoryTransportPair(
                capacity = 1 + random.nextInt(1 shl random.nextInt(10)),
                chunking = Chunking.random(random.nextLong()),
            )
        val left = Side("left", connection(here, weathers[0]), random, ::note)
        val right = Side("right", connection(there, weathers[1]), random, ::note)
        sides = listOf(left, right)
    }

    private fun connection(
        transport: Transport,
        weather: Weather,
    ) = Connection(
        FaultyTransport(transport, weather.faults),
        limit = 1 + random.nextInt(80),
        writeLimit = Side.LONGEST_MESSAGE + random.nextInt(300),
        background = dispatcher,
    )

    private fun note(event: String) {
        trace += "${scheduler.currentTime} ms: $event"
    }

    /** What happened, when it has; every operation has ended then. */
    fun run(): List<String> {
        val run = CoroutineScope(dispatcher + Job()).async { talk() }
        scheduler.advanceUntilIdle()
        check(run.isCompleted) { "these still wait: ${sides.flatMap { it.working }}, after:\n${trace.joinToString("\n")}" }
        run.getCompleted()
        return trace
    }

    private suspend fun talk() {
        val (left, right) = sides
        coroutineScope {
            val end =
                launch {
                    delay(10.minutes)
                    sides.forEach { it.connection.abort() }
                }
            coroutineScope {
                sides.forEach { launch { it.talk(isCalm) } }
                if (!isCalm) launch { accident() }
            }
            end.cancel()
        }
        left.received.isStartOf(right.sent)
        right.received.isStartOf(left.sent)
        if (isCalm) {
            sides.forEach { it.connection.awaitClosed() }
            left.received.size shouldBe right.sent.size
            right.received.size shouldBe left.sent.size
        }
    }

    private suspend fun accident() {
        delay(random.nextInt(200).milliseconds)
        val (name, connection) = sides.random(random).run { name to connection }
        when (random.nextInt(6)) {
            0 -> connection.abort().also { note("$name is aborted") }
            1 -> connection.close().also { note("$name is closed") }
            2 -> connection.reader.close().also { note("the reader of $name is closed") }
            3 -> connection.writer.writeEof().also { note("the output of $name is ended") }
        }
    }

    private fun Bytes.isStartOf(sent: Bytes) {
        size shouldBeLessThanOrEqual sent.size
        toByteArray() shouldBe sent.toByteArray().copyOf(size)
    }
}
