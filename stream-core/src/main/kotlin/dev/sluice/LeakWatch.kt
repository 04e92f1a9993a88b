package dev.sluice

import dev.sluice.transport.LossListener
import dev.sluice.transport.OpenedAt
import dev.sluice.transport.Transport
import org.slf4j.LoggerFactory
import java.io.IOException
import java.lang.ref.ReferenceQueue
import java.lang.ref.WeakReference
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread

/**
 * Closes connections that were collected without having been closed, and reports each of them, as `-Ddev.sluice.leaks` says: `off`, `sampled`
 * (the place that opened it is noted for one in 128) or `always`. Without it they are `sampled`.
 *
 * One thread hears of them; it begins with the first connection that is watched.
 */
internal object LeakWatch {
    enum class Mode { OFF, SAMPLED, ALWAYS }

    private const val PROPERTY = "dev.sluice.leaks"
    private const val SAMPLE = 128
    private const val REMEMBERED = 100
    private const val GC_MILLIS = 20L
    private const val GC_ATTEMPTS = 1_000

    private val logger = LoggerFactory.getLogger(Connection::class.java)!!

    @Volatile
    var mode: Mode = modeOf(System.getProperty(PROPERTY))
    private val openings = AtomicInteger()
    private val queue = ReferenceQueue<Any>()

    /** A ring of all connections that are open: a reference that is not reachable itself would not be heard of. */
    private val open = Leak({}, null)
    private val found = ArrayDeque<String>()

    private val listener by lazy {
        thread(isDaemon = true, name = "sluice-leaks", contextClassLoader = LeakWatch::class.java.classLoader) {
            while (true) (queue.remove() as Lost).handle()
        }
    }

    /** Whether the next place is to be noted. */
    fun notesPlace(): Boolean =
        when (mode) {
            Mode.OFF -> false
            Mode.SAMPLED -> openings.getAndIncrement() % SAMPLE == 0
            Mode.ALWAYS -> true
        }

    /** From now on until [Leak.forget] reports the loss of [owner], which is the last that can close [transport]. */
    fun watch(
        owner: LossListener,
        transport: Transport,
    ): Leak? {
        val info = transport.info
        if (mode == Mode.OFF || info[UnwatchedInfo.IsUnwatched] == true) return null
        listener
        val isPlaced = mode != Mode.ALWAYS || info[InfoKey.OpenedAt] != null
        val leak = if (isPlaced) Leak(owner, transport) else PlacedLeak(owner, transport, OpenedAt.note())
        synchronized(open) { leak.enterBefore(open) }
        return leak
    }

    /** Collects garbage; what was found since the last time. */
    fun collect(): List<String> {
        listener
        // What became unreachable together with a mark is heard of before it, or in the round after.
        repeat(2) { check(Mark(Any()).isHeardOf()) { "garbage is not collected on demand: -XX:+DisableExplicitGC hides leaks" } }
        return synchronized(found) { found.toList().also { found.clear() } }
    }

    fun modeOf(text: String?): Mode =
        Mode.entries.find { it.name.equals(text ?: "sampled", ignoreCase = true) }
            ?: Mode.SAMPLED.also { logger.warn("{} must be off, sampled or always, not {}; it is sampled", PROPERTY, text) }

    abstract class Lost(
        owner: Any,
    ) : WeakReference<Any>(owner, queue) {
        /** On the listener's thread. */
        abstract fun handle()
    }

    private class Mark(
        owner: Any,
    ) : Lost(owner) {
        private val heardOf = CountDownLatch(1)

        /** After all that came before: what comes last is the first that the queue gives away. */
        override fun handle() {
            while (true) (queue.poll() as Lost? ?: break).handle()
            heardOf.countDown()
        }

        fun isHeardOf(): Boolean =
            (1..GC_ATTEMPTS).any {
                System.gc()
                heardOf.await(GC_MILLIS, TimeUnit.MILLISECONDS)
            }
    }

    /**
     * One open connection. An event loop, which knows its connections as long as they are open, has this in the place of the owner: two
     * references would be more than many a connection has of its own.
     */
    open class Leak(
        owner: LossListener,
        private val transport: Transport?,
    ) : Lost(owner),
        LossListener {
        private var before = this
        private var after = this
        protected open val place: OpenedAt? get() = transport?.info?.get(InfoKey.OpenedAt)

        override fun lost(cause: IOException) {
            (get() as LossListener?)?.lost(cause)
        }

        /** It was closed. */
        fun forget() {
            clear()
            synchronized(open) { leave() }
        }

        fun enterBefore(other: Leak) {
            before = other.before
            after = other
            before.after = this
            other.before = this
        }

        private fun leave() {
            before.after = after
            after.before = before
            before = this
            after = this
        }

        override fun handle() {
            forget()
            val lost = transport ?: return
            try {
                report(lost)
                lost.abort()
            } catch (e: Throwable) {
                // A transport of somebody's own: others are to be heard of all the same.
                logger.error("A connection that was never closed can't be closed now", e)
            }
        }

        private fun report(lost: Transport) {
            val what = "A connection${lost.info.toPeer()} was never closed, and nobody can do it any more"
            val place = place
            val where = place?.let { ": it was opened at ${it.caller()}" } ?: "; -D$PROPERTY=always says where each was opened"
            synchronized(found) {
                if (found.size < REMEMBERED) found.addLast(what + where)
            }
            logger.warn(what + where, place)
        }
    }

    /** One whose transport does not say where it was opened. */
    private class PlacedLeak(
        owner: LossListener,
        transport: Transport,
        override val place: OpenedAt?,
    ) : Leak(owner, transport)
}
