@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import java.util.concurrent.ScheduledThreadPoolExecutor
import java.util.concurrent.TimeUnit.MICROSECONDS
import java.util.concurrent.TimeUnit.MILLISECONDS
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicInteger

/**
 * Hears of the end of [process]. The JDK tells it, but on a thread that it makes for each, and that takes longer than many a program runs. So
 * it is asked only of a process that goes on for a while; until then, and when somebody begins to wait for the end, which then is mostly
 * near, one thread of ours looks.
 *
 * @param ended is called once, on any thread, and does not block
 */
@NotOnAndroid
internal class ExitWatch(
    private val process: Process,
    private val ended: () -> Unit,
) {
    private val isTold = AtomicBoolean()
    private val looksLeft = AtomicInteger()

    fun begin() {
        thread.schedule(::askJdk, YOUNG_MILLIS, MILLISECONDS)
    }

    /** Somebody waits for the end. */
    fun hurry() {
        if (isTold.get()) return
        if (!process.isAlive) return tell()
        if (looksLeft.getAndSet(LOOKS) > 0) return
        beingLooked.incrementAndGet()
        thread.execute(::look)
    }

    private fun askJdk() {
        if (isTold.get()) return
        process.onExit().whenComplete { _, _ -> tell() }
    }

    /** A single one is waited for, which is the quickest way to hear of it; of several each is asked in its turn. */
    private fun look() {
        val isSingle = beingLooked.get() == 1
        val hasEnded = if (isSingle) process.waitFor(LOOKS_IN_WAIT * LOOK_MICROS, MICROSECONDS) else !process.isAlive
        val goesOn = !hasEnded && looksLeft.addAndGet(if (isSingle) -LOOKS_IN_WAIT else -1) > 0
        if (!goesOn) beingLooked.decrementAndGet()
        when {
            hasEnded -> tell()
            goesOn -> thread.schedule(::look, if (isSingle) 0 else LOOK_MICROS, MICROSECONDS)
        }
    }

    private fun tell() {
        if (isTold.compareAndSet(false, true)) ended()
    }

    private companion object {
        const val YOUNG_MILLIS = 50L
        const val LOOK_MICROS = 100L
        const val LOOKS = 50
        const val LOOKS_IN_WAIT = 10
        val beingLooked = AtomicInteger()

        val thread =
            ScheduledThreadPoolExecutor(1) { task ->
                Thread(task, "sluice process exit").apply { isDaemon = true }
            }
    }
}
