package dev.sluice

import dev.sluice.transport.OpenedAt
import dev.sluice.transport.Transport
import org.slf4j.LoggerFactory
import java.lang.ref.PhantomReference
import java.lang.ref.ReferenceQueue
import java.util.concurrent.atomic.AtomicInteger

/**
 * Closes connections that were collected without having been closed, and reports each of them, as `-Ddev.sluice.leaks` says: `off`, `sampled`
 * (the place that opened it is noted for one in 128) or `always`. Without it they are `sampled`.
 *
 * There is no thread for this: whoever makes a connection looks whether others were lost.
 */
internal object LeakWatch {
    enum class Mode { OFF, SAMPLED, ALWAYS }

    private const val PROPERTY = "dev.sluice.leaks"
    private const val SAMPLE = 128
    private const val REMEMBERED = 100

    private val logger = LoggerFactory.getLogger(Connection::class.java)!!

    @Volatile
    var mode: Mode = modeOf(System.getProperty(PROPERTY))
    private val openings = AtomicInteger()
    private val queue = ReferenceQueue<Any>()

    /** A ring of all connections that are open: a reference that is not reachable itself would not be heard of. */
    private val open = Leak(this, null, null)
    private val found = ArrayDeque<String>()

    /** Whether the next place is to be noted. */
    fun notesPlace(): Boolean =
        when (mode) {
            Mode.OFF -> false
            Mode.SAMPLED -> openings.getAndIncrement() % SAMPLE == 0
            Mode.ALWAYS -> true
        }

    /** From now on until [Leak.forget] reports the loss of [owner], which is the last that can close [transport]. */
    fun watch(
        owner: Any,
        transport: Transport,
    ): Leak? {
        val info = transport.info
        if (mode == Mode.OFF || info[UnwatchedInfo.IsUnwatched] == true) return null
        lookForLost()
        val place = info[InfoKey.OpenedAt] ?: if (mode == Mode.ALWAYS) OpenedAt.note() else null
        return Leak(owner, transport, place).also { synchronized(open) { it.enterBefore(open) } }
    }

    /** Collects garbage; what was found since the last time. */
    fun collect(): List<String> {
        // What became unreachable together with this is found before it, or in the round after.
        repeat(2) {
            val mark = PhantomReference(Any(), queue)
            while (true) {
                System.gc()
                val lost = queue.remove(GC_MILLIS) ?: continue
                if (lost === mark) break
                (lost as? Leak)?.report()
            }
        }
        lookForLost()
        return synchronized(found) { found.toList().also { found.clear() } }
    }

    private fun lookForLost() {
        while (true) {
            val lost = queue.poll() ?: return
            (lost as? Leak)?.report()
        }
    }

    fun modeOf(text: String?): Mode =
        Mode.entries.find { it.name.equals(text ?: "sampled", ignoreCase = true) }
            ?: Mode.SAMPLED.also { logger.warn("{} must be off, sampled or always, not {}; it is sampled", PROPERTY, text) }

    /** One open connection. */
    class Leak(
        owner: Any,
        private val transport: Transport?,
        private val place: OpenedAt?,
    ) : PhantomReference<Any>(owner, queue) {
        private var before = this
        private var after = this

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

        fun report() {
            forget()
            val lost = transport ?: return
            val what = "A connection${lost.info.toPeer()} was never closed, and nobody can do it any more"
            val where = place?.let { ": it was opened at ${it.caller()}" } ?: "; -D$PROPERTY=always says where each was opened"
            synchronized(found) {
                if (found.size < REMEMBERED) found.addLast(what + where)
            }
            logger.warn(what + where, place)
            lost.abort()
        }
    }

    private const val GC_MILLIS = 20L
}
