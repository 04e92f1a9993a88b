package dev.sluice.net

import io.ktor.network.selector.SelectInterest
import io.ktor.network.selector.Selectable
import io.ktor.network.selector.SelectorManager
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import java.nio.ByteBuffer
import java.nio.channels.CancelledKeyException
import java.nio.channels.ClosedSelectorException
import java.nio.channels.SelectableChannel
import java.nio.channels.SelectionKey
import java.nio.channels.Selector
import java.nio.channels.spi.SelectorProvider
import kotlin.coroutines.CoroutineContext

/**
 * One thread that waits for channels to become ready and runs the coroutines that waited for it: a dispatcher, and a selector
 * for Ktor's sockets.
 *
 * ```kotlin
 * val loop = EventLoops.default.next()
 * val socket = aSocket(loop).tcp().connect("127.0.0.1", 6379)      // Ktor's own socket, on this thread
 * withContext(loop) { ... }
 * ```
 * **A turn** of the loop: wait for readiness, resume whoever waited for it, run what was dispatched up to then, then what was put
 * off to the end of the turn. On the loop's own thread nothing is dispatched: a coroutine that is resumed there goes on in place. From
 * other threads work is queued, and the selector is woken only when it sleeps.
 *
 * A coroutine that blocks the thread holds up every other one on it, and is reported (see [EventLoops]); blocking work belongs to
 * `withContext(Dispatchers.IO)`.
 *
 * Loops are made by [EventLoops]. What is dispatched to a closed loop runs on [Dispatchers.IO], so that coroutines
 * which are cancelled by the closing can come to their end.
 */
public class EventLoop internal constructor(
    private val name: String,
    internal val group: EventLoops,
) : CoroutineDispatcher(),
    SelectorManager {
    override val provider: SelectorProvider = SelectorProvider.provider()
    private val selector: Selector = provider.openSelector()
    private val selection = selectionOf(selector, ::tellReady)
    private val ktor = KtorSelection(this)

    /** For coroutines that belong to this loop: they are cancelled when it is closed. */
    override val coroutineContext: CoroutineContext = this + CoroutineName(name) + SupervisorJob(group.job)

    /** For bytes that nobody wants; on the loop's thread only. */
    internal val scratch: ByteBuffer by lazy(LazyThreadSafetyMode.NONE) { ByteBuffer.allocateDirect(SCRATCH_SIZE) }

    /** Which connections on this loop have been idle for too long; on the loop's thread only. */
    internal val idle = IdleWheel()

    private val tasks = LoopTasks(wake = { selector.wakeup() })
    private val endOfTurn = ArrayDeque<Runnable>()

    @Volatile
    private var closing = false

    @Volatile
    private var closed = false

    /** The loop may be asleep: it has not looked yet at why it was woken. */
    private var mayRest = false

    /** How often the selector came back. */
    @Volatile
    internal var turns = 0L
        private set

    /** Counts what the loop runs; the watch for blocked tasks looks at it. */
    internal val progress = LoopProgress()

    internal val thread: Thread = LoopThread(this, ::run, name)

    init {
        try {
            thread.start()
        } catch (e: Throwable) {
            selector.close()
            throw e
        }
    }

    internal val isInLoop: Boolean get() = Thread.currentThread() === thread

    internal fun isOf(loops: EventLoops): Boolean = group === loops

    override fun isDispatchNeeded(context: CoroutineContext): Boolean = !isInLoop

    override fun dispatch(
        context: CoroutineContext,
        block: Runnable,
    ): Unit = execute(block)

    /** Runs [task] on the loop's thread, after what was given to it before. */
    internal fun execute(task: Runnable) {
        if (isInLoop) return tasks.addAwake(task)
        tasks.add(task)
        if (closed && tasks.remove(task)) runElsewhere(task)
    }

    /** On the loop's thread: runs [task] before the loop next waits. */
    internal fun afterTurn(task: Runnable) {
        endOfTurn.addLast(task)
    }

    /**
     * On the loop's thread: makes [handler] the one who is told about [channel].
     *
     * @throws ClosedSelectorException the loop is at its end, and would tell nobody anything
     */
    internal fun register(
        channel: SelectableChannel,
        handler: ReadyHandler,
    ): SelectionKey {
        if (closing) throw ClosedSelectorException()
        val key = channel.keyFor(selector) ?: return channel.register(selector, 0, handler)
        key.interestOps(0)
        key.attach(handler)
        return key
    }

    internal fun keyOf(channel: SelectableChannel): SelectionKey? = channel.keyFor(selector)

    /** Lets go of the descriptors of channels that were closed: the selector does that only while it selects. */
    internal fun releaseClosed(): Unit = execute(NOTHING)

    /** Runs [task] when the descriptors of channels that were closed before are gone. */
    internal fun afterSelection(task: Runnable) {
        // What comes up now may run in this turn, what that adds comes up in the next, when the selector has been round.
        execute { execute(task) }
    }

    override suspend fun select(
        selectable: Selectable,
        interest: SelectInterest,
    ): Unit = ktor.select(selectable, interest)

    override fun notifyClosed(selectable: Selectable): Unit = ktor.closed(selectable)

    /**
     * Ends the loop: what waits on it fails, its coroutines are cancelled. Returns when the thread has ended; on an event loop, which
     * must not be held up, at once.
     */
    override fun close() {
        group.refuseIfShared()
        beginClosing()
        awaitEnd()
    }

    internal fun beginClosing() {
        closing = true
        execute(NOTHING)
    }

    internal fun awaitEnd(): Unit = thread.joinQuietly()

    internal val isClosed: Boolean get() = closing

    override fun toString(): String = "EventLoop($name)"

    private fun run() {
        try {
            while (!closing) turn()
        } finally {
            endAll()
        }
    }

    private fun turn() {
        awaitReadiness()
        if (idle.size > 0) guarded { idle.advance() }
        tasks.forEachNow(::runGuarded)
        repeat(endOfTurn.size) { runGuarded(endOfTurn.removeFirst()) }
    }

    private fun awaitReadiness() {
        progress.waits()
        mayRest = true
        if (tasks.mayRest() && endOfTurn.isEmpty()) selection.await(idle.millisToRest()) else selection.look()
        if (mayRest) beAwake()
    }

    /** When the selector has come back, or before: with the first channel that it tells of. */
    private fun beAwake() {
        mayRest = false
        tasks.rested()
        idle.turnBegins()
        turns++
        // Interrupts have no meaning here, and an interrupted thread's selector would never sleep.
        Thread.interrupted()
    }

    private fun tellReady(key: SelectionKey) {
        if (mayRest) beAwake()
        guarded {
            try {
                handlerOf(key).ready(key)
            } catch (_: CancelledKeyException) {
                // The channel was closed meanwhile, and whoever waits for it was told so.
            }
        }
    }

    private fun handlerOf(key: SelectionKey) = key.attachment() as ReadyHandler

    private fun runGuarded(task: Runnable): Unit = guarded { task.run() }

    /** A bug in one task is no reason to end those of all others. */
    private inline fun guarded(step: () -> Unit) {
        progress.begins()
        try {
            step()
        } catch (e: Throwable) {
            report(e)
        }
    }

    private fun report(e: Throwable) {
        try {
            thread.uncaughtExceptionHandler.uncaughtException(thread, e)
        } catch (_: Throwable) {
            // As at the end of any thread: what a handler of failures throws is nobody's.
        }
    }

    /** Also after a failure of the selector. */
    private fun endAll() {
        closing = true
        for (key in selector.keys().toList()) guarded { handlerOf(key).loopClosed() }
        guarded { selector.close() }
        closed = true
        guarded { coroutineContext.cancel(null) }
        progress.waits()
        while (true) runElsewhere(tasks.poll() ?: endOfTurn.removeFirstOrNull() ?: return)
    }

    private fun runElsewhere(task: Runnable) {
        if (task !== NOTHING) Dispatchers.IO.dispatch(coroutineContext, task)
    }

    private companion object {
        val NOTHING = Runnable { }
        const val SCRATCH_SIZE = 16 * 1024
    }
}
