package dev.sluice.net

import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.atomic.AtomicBoolean

/**
 * What one thread is given to do by all others. Between [mayRest] and [rested] that thread may sleep, and the first who brings
 * something then wakes it.
 *
 * No wake-up is lost: a task is there before the sleeper is looked for, and the sleeper is announced before tasks are looked for, so
 * that one of the two sees the other.
 */
internal class LoopTasks(
    private val wake: () -> Unit,
) {
    private val tasks = ConcurrentLinkedQueue<Runnable>()
    private val asleep = AtomicBoolean()

    /** From the thread itself, which is awake. */
    fun addAwake(task: Runnable) {
        tasks.add(task)
    }

    /** From any other thread. */
    fun add(task: Runnable) {
        tasks.add(task)
        if (asleep.get() && asleep.compareAndSet(true, false)) wake()
    }

    /** Whether there is nothing to do. Whatever is added from now on wakes the thread. */
    fun mayRest(): Boolean {
        asleep.set(true)
        return tasks.isEmpty()
    }

    /** The thread is awake, for whatever reason. */
    fun rested() {
        asleep.set(false)
    }

    /** What is there now: what these add is for the next time. */
    inline fun forEachNow(run: (Runnable) -> Unit) {
        repeat(tasks.size) { run(tasks.poll() ?: return) }
    }

    fun poll(): Runnable? = tasks.poll()

    /** Takes [task] back; false if it was taken already. */
    fun remove(task: Runnable): Boolean = tasks.remove(task)
}
