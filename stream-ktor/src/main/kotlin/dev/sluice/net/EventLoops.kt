package dev.sluice.net

import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.toKotlinDuration
import java.time.Duration as JavaDuration

/**
 * A group of [EventLoop]s that share connections among them, each connection on one of them. Their threads are daemons and called
 * `<name>-1`, `<name>-2` and so on.
 *
 * Most programs use [default]. A group of one's own keeps work apart, and ends it all when it is closed:
 * ```kotlin
 * EventLoops(threads = 2, name = "ingest").use { loops ->
 *     openConnection(host, port, ConnectOptions { eventLoops = loops })
 * }
 * ```
 *
 * @param blockedTaskThreshold how long one task may hold a loop's thread before that is logged, once, with the stack where it
 *   stands; `null` to look at nothing
 */
public class EventLoops
    private constructor(
        threads: Int,
        name: String,
        blockedTaskThreshold: Duration?,
        private val isShared: Boolean,
    ) : AutoCloseable {
        public constructor(
            threads: Int = Runtime.getRuntime().availableProcessors(),
            name: String = "sluice-loops-${made.incrementAndGet()}",
            blockedTaskThreshold: Duration? = 100.milliseconds,
        ) : this(threads, name, blockedTaskThreshold, isShared = false)

        init {
            require(threads > 0) { "a group of event loops needs a thread at least, not $threads" }
            require(blockedTaskThreshold?.isPositive() ?: true) {
                "blockedTaskThreshold must be positive, not $blockedTaskThreshold; null switches it off"
            }
        }

        /** What belongs to the whole group, as a server does. */
        internal val job: Job = SupervisorJob()

        private val loops = start(threads, name)
        private val last = AtomicInteger()
        private val watch = blockedTaskThreshold?.let { BlockedTaskWatch(name, loops, it) }

        /** The loops in turn, without those that were closed on their own unless all were. */
        public fun next(): EventLoop {
            repeat(loops.size - 1) {
                val loop = inTurn()
                if (!loop.isClosed) return loop
            }
            return inTurn()
        }

        private fun inTurn() = loops[Math.floorMod(last.getAndIncrement(), loops.size)]

        /**
         * Ends all loops: coroutines that belong to them are cancelled, servers and connections on them closed, and whoever waits for
         * one of these gets a [dev.sluice.StreamClosedException]. Returns when the threads have ended; on an event loop, which must
         * not be held up, at once. Calling it again does nothing.
         *
         * @throws UnsupportedOperationException for [default], which others use, too
         */
        override fun close() {
            refuseIfShared()
            job.cancel()
            watch?.close()
            loops.forEach(EventLoop::beginClosing)
            loops.forEach(EventLoop::awaitEnd)
        }

        private fun start(
            threads: Int,
            name: String,
        ): List<EventLoop> {
            val started = ArrayList<EventLoop>(threads)
            try {
                repeat(threads) { started += EventLoop("$name-${it + 1}", this) }
            } catch (e: Throwable) {
                started.forEach(EventLoop::beginClosing)
                throw e
            }
            return started
        }

        internal fun refuseIfShared() {
            if (isShared) {
                throw UnsupportedOperationException(
                    "the shared event loops belong to everybody; make EventLoops of your own to close them",
                )
            }
        }

        override fun toString(): String = "EventLoops($loops)"

        public companion object {
            /** For Java; the parameters are those of the constructor, and `null` looks at nothing. */
            @JvmStatic
            public fun create(
                threads: Int,
                name: String,
                blockedTaskThreshold: JavaDuration?,
            ): EventLoops = EventLoops(threads, name, blockedTaskThreshold?.toKotlinDuration())

            /** For Java; the parameters are those of the constructor. */
            @JvmStatic
            public fun create(
                threads: Int,
                name: String,
            ): EventLoops = EventLoops(threads, name)

            private val made = AtomicInteger()

            /** The group that is used unless another is given: a thread for each processor, made on first use. */
            @JvmStatic
            public val default: EventLoops by lazy {
                EventLoops(Runtime.getRuntime().availableProcessors(), "sluice-loop", 100.milliseconds, isShared = true)
            }
        }
    }
