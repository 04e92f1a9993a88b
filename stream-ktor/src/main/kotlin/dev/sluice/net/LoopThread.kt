package dev.sluice.net

/**
 * The thread of an [EventLoop], which knows its loop: for functions that don't suspend and so have no context to ask. It must never
 * wait for another one: two groups that close each other would wait for ever.
 */
internal class LoopThread(
    val loop: EventLoop,
    work: Runnable,
    name: String,
) : Thread(work, name) {
    init {
        isDaemon = true
    }

    companion object {
        /** The loop that the caller runs on. */
        fun currentLoop(): EventLoop? = (currentThread() as? LoopThread)?.loop
    }
}

/** Waits until the thread has ended, unless the caller is interrupted, or is an event loop. */
internal fun Thread.joinQuietly() {
    if (LoopThread.currentLoop() != null || Thread.currentThread() === this) return
    try {
        join()
    } catch (_: InterruptedException) {
        Thread.currentThread().interrupt()
    }
}
