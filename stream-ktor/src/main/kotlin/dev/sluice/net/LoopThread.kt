package dev.sluice.net

/** The thread of an event loop, which knows its loop: for functions that don't suspend and so have no context to ask. */
internal class LoopThread(
    val loop: EventLoop,
    work: Runnable,
    name: String,
) : Thread(work, name) {
    companion object {
        /** The loop that the caller runs on. */
        fun currentLoop(): EventLoop? = (currentThread() as? LoopThread)?.loop
    }
}
