package dev.sluice.net

import org.slf4j.LoggerFactory
import java.util.concurrent.locks.LockSupport
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.DurationUnit
import kotlin.time.TimeMark
import kotlin.time.TimeSource

/**
 * Looks at loops from a thread of its own, twice in each [threshold]: one that is at the same step for longer is blocked, and its
 * stack says where. Each such step is logged once.
 */
internal class BlockedTaskWatch(
    name: String,
    loops: List<EventLoop>,
    private val threshold: Duration,
) : AutoCloseable {
    private class Watched(
        val loop: EventLoop,
    ) {
        var step = LoopProgress.WAITING
        var since: TimeMark = TimeSource.Monotonic.markNow()
        var isReported = false
    }

    private val watched = loops.map(::Watched)

    @Volatile
    private var closed = false

    private val thread = Thread(::run, "$name-watch").apply { isDaemon = true }

    init {
        thread.start()
    }

    override fun close() {
        closed = true
        LockSupport.unpark(thread)
        thread.joinQuietly()
    }

    private fun run() {
        val pause = maxOf(threshold / 2, SHORTEST_PAUSE).inWholeNanoseconds
        while (!closed) {
            LockSupport.parkNanos(this, pause)
            // An interrupted thread would not park any more.
            Thread.interrupted()
            watched.forEach(::look)
        }
    }

    private fun look(it: Watched) {
        val step = it.loop.progress.step
        if (step != it.step) {
            it.step = step
            it.since = TimeSource.Monotonic.markNow()
            it.isReported = false
        } else if (step != LoopProgress.WAITING && !it.isReported && it.since.elapsedNow() >= threshold) {
            it.isReported = true
            val stack = it.loop.thread.stackTrace
            // Else it has come to its end, and the stack is somebody else's.
            if (it.loop.progress.step == step) report(it.loop, it.since.elapsedNow(), stack)
        }
    }

    private fun report(
        loop: EventLoop,
        blocked: Duration,
        stack: Array<StackTraceElement>,
    ) {
        val where = BlockedTask("this is where ${loop.thread.name} stands").apply { stackTrace = stack }
        logger.warn(
            "A task has held the thread of {} for {} ms, and everything else on it waits. Blocking work belongs to withContext(Dispatchers.IO).",
            loop,
            blocked.toLong(DurationUnit.MILLISECONDS),
            where,
        )
    }

    /** Carries a stack into the log. */
    private class BlockedTask(
        message: String,
    ) : RuntimeException(message, null, false, true)

    private companion object {
        val SHORTEST_PAUSE = 1.milliseconds
        val logger = LoggerFactory.getLogger(EventLoop::class.java)!!
    }
}
