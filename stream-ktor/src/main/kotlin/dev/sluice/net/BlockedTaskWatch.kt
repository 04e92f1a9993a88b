package dev.sluice.net

import org.slf4j.LoggerFactory
import java.util.concurrent.locks.LockSupport
import kotlin.time.Duration
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
        if (Thread.currentThread() !== thread) joinQuietly()
    }

    private fun joinQuietly() {
        try {
            thread.join()
        } catch (_: InterruptedException) {
            Thread.currentThread().interrupt()
        }
    }

    private fun run() {
        while (!closed) {
            LockSupport.parkNanos(this, threshold.inWholeNanoseconds / 2)
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
            report(it.loop, it.since.elapsedNow())
        }
    }

    private fun report(
        loop: EventLoop,
        blocked: Duration,
    ) {
        val where = BlockedTask("this is where ${loop.thread.name} stands").apply { stackTrace = loop.thread.stackTrace }
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
        val logger = LoggerFactory.getLogger(EventLoop::class.java)!!
    }
}
