package dev.sluice.oracle

import dev.sluice.IncompleteReadException
import dev.sluice.LimitOverrunException
import dev.sluice.StreamFeed
import dev.sluice.StreamReader
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.StandardTestDispatcher
import kotlinx.coroutines.test.TestCoroutineScheduler
import java.nio.ByteBuffer

/** A [StreamReader] over a [StreamFeed] to which turns are done, in one thread and as deterministically as asyncio's loop. */
@OptIn(ExperimentalCoroutinesApi::class)
internal class SluiceRun(
    private val limit: Int,
) {
    private class Started(
        val operation: Operation,
    ) {
        var outcome: Outcome = Waits
        lateinit var job: Job
    }

    private val scheduler = TestCoroutineScheduler()
    private val scope = CoroutineScope(SupervisorJob() + StandardTestDispatcher(scheduler))
    private val feed = StreamFeed()
    private val reader = StreamReader(feed, limit)
    private var started: Started? = null

    /** The operation that waits. */
    val waiting: Operation? get() = started?.operation

    /** How many bytes were fed and not yet pulled by the reader. */
    val unpulled: Int get() = feed.pending.toInt()

    val atEof: Boolean get() = reader.atEof

    /** As in [Answer.outcomes]. */
    fun turn(turn: Turn): List<Outcome> {
        val waiting = started
        val outcomes = turn.steps.map(::step)
        scheduler.runCurrent()
        if (started?.outcome != Waits) started = null
        return outcomes + listOfNotNull(waiting?.outcome)
    }

    private fun step(step: Step): Outcome =
        when (step) {
            is Feed -> outcome { feed.feed(step.bytes.bytes()) }
            FeedEof -> outcome { feed.feedEof() }
            Cancel -> outcome { started?.job?.cancel() }
            is Operation -> start(step)
        }

    private fun start(operation: Operation): Outcome {
        val new = Started(operation)
        new.job = scope.launch { new.outcome = outcome { perform(operation) } }
        scheduler.runCurrent()
        if (started == null) started = new
        return new.outcome
    }

    private inline fun outcome(block: () -> Any?): Outcome =
        try {
            block() as? Outcome ?: Fine
        } catch (e: Throwable) {
            describe(e)
        }

    private suspend fun perform(operation: Operation): Outcome =
        when (operation) {
            is Read -> Gave((if (operation.n == -1) reader.read() else reader.read(operation.n)).text())
            is ReadInto -> readInto(ByteBuffer.allocate(operation.room))
            is ReadExactly -> Gave(reader.readExactly(operation.n).text())
            is ReadUntil -> Gave(reader.readUntil(*operation.separators.map { it.bytes() }.toTypedArray()).text())
            ReadLineBytes -> Gave(reader.readLineBytes().text())
            ReadLine -> GaveText(reader.readLine(Charsets.ISO_8859_1))
            Iterate -> reader.iterator().let { if (it.hasNext()) Gave(it.next().text()) else LoopEnded }
        }

    /** The end must be told from no room. */
    private suspend fun readInto(into: ByteBuffer): Outcome {
        val count = reader.read(into)
        return when {
            count == into.position() && (count > 0 || into.capacity() == 0) -> Gave(into.array().copyOf(count).text())
            count == -1 && into.position() == 0 && into.capacity() > 0 -> Gave("")
            else -> error("read(into) gave $count and moved ${into.position()} bytes")
        }
    }

    private fun describe(error: Throwable): Outcome =
        when (error) {
            is IncompleteReadException -> {
                Threw("IncompleteReadException", listOf(error.partial.text(), error.expected?.toString() ?: "None"))
            }

            is LimitOverrunException -> {
                val wrongLimit = if (error.limit == limit) emptyList() else listOf("limit=${error.limit}")
                Threw("LimitOverrunException", listOf("${error.consumed}") + wrongLimit)
            }

            is CancellationException -> {
                Threw("CancellationException")
            }

            else -> {
                Threw(error::class.simpleName)
            }
        }

    /** Takes [count] bytes that must be there. */
    fun takeNow(count: Int): Outcome = start(ReadExactly(count)).also { if (started?.outcome != Waits) started = null }

    /** Reads what is there, at most [count] bytes. */
    fun readNow(count: Int): Outcome = start(Read(count)).also { if (started?.outcome != Waits) started = null }

    /** Cancels what waits, ends the stream and reads all that is left. */
    fun drain(): Outcome {
        turn(Turn(listOf(Cancel)))
        feed.feedEof()
        return start(Read(-1)).also { scope.coroutineContext[Job]!!.cancel() }
    }
}
