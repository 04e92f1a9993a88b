@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.asCoroutineDispatcher
import java.util.concurrent.Executor
import java.util.concurrent.Executors
import java.util.concurrent.SynchronousQueue
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger

/** Threads for what blocks around a process: never those that a program's own code waits for. */
internal object ProcessThreads {
    /**
     * Where processes are started. These threads never end: a child may have asked the system to be killed when the thread that started it
     * does.
     */
    val starters: Executor =
        Executors.newFixedThreadPool(
            Runtime.getRuntime().availableProcessors().coerceIn(2, 8),
        ) { daemon(it, "sluice process starter") }

    /** As many as there is work for. */
    val pumps: Executor =
        ThreadPoolExecutor(
            0,
            Int.MAX_VALUE,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            SynchronousQueue(),
        ) { daemon(it, "sluice process pump") }

    /** For coroutines that may block. */
    val blocking: CoroutineDispatcher = pumps.asCoroutineDispatcher()

    private const val IDLE_SECONDS = 10L
    private val count = AtomicInteger()

    private fun daemon(
        task: Runnable,
        name: String,
    ) = Thread(task, "$name ${count.incrementAndGet()}").apply { isDaemon = true }
}
