package dev.sluice.net

/** The thread of an [EventLoop]. It must never wait for another one: two groups that close each other would wait for ever. */
internal class LoopThread(
    name: String,
    loop: Runnable,
) : Thread(loop, name) {
    init {
        isDaemon = true
    }

    companion object {
        val isCurrent: Boolean get() = currentThread() is LoopThread
    }
}

/** Waits until the thread has ended, unless the caller is interrupted, or is an event loop. */
internal fun Thread.joinQuietly() {
    if (LoopThread.isCurrent || Thread.currentThread() === this) return
    try {
        join()
    } catch (_: InterruptedException) {
        Thread.currentThread().interrupt()
    }
}
