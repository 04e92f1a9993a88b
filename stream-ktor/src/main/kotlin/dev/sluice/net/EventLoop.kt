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
import java.nio.channels.SelectableChannel
import java.nio.channels.SelectionKey
import java.nio.channels.Selector
import java.nio.channels.spi.SelectorProvider
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.atomic.AtomicBoolean
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
    private val ktor = KtorSelection(this)

    /** For coroutines that belong to this loop: they are cancelled when it is closed. */
    override val coroutineContext: CoroutineContext = this + CoroutineName(name) + SupervisorJob(group.job)

    /** For bytes that nobody wants; on the loop's thread only. */
    internal val scratch: ByteBuffer by lazy(LazyThreadSafetyMode.NONE) { ByteBuffer.allocateDirect(SCRATCH_SIZE) }

    private val tasks = ConcurrentLinkedQueue<Runnable>()
    private val endOfTurn = ArrayDeque<Runnable>()
    private val asleep = AtomicBoolean()

    @Volatile
    private var closing = false

    @Volatile
    private var closed = false

    /** How often the selector came back. */
    @Volatile
    internal var turns = 0L
        private set

    /** Counts what the loop runs; the watch for blocked tasks looks at it. */
    internal val progress = LoopProgress()

    internal val thread = Thread(::run, name).apply { isDaemon = true }

    init {
        thread.start()
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
        tasks.add(task)
        if (isInLoop) return
        if (asleep.get() && asleep.compareAndSet(true, false)) selector.wakeup()
        if (closed && tasks.remove(task)) runElsewhere(task)
    }

    /** On the loop's thread: runs [task] before the loop next waits. */
    internal fun afterTurn(task: Runnable) {
        endOfTurn.addLast(task)
    }

    /** On the loop's thread: makes [handler] the one who is told about [channel]. */
    internal fun register(
        channel: SelectableChannel,
        handler: ReadyHandler,
    ): SelectionKey {
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

    /** Ends the loop: what waits on it fails, its coroutines are cancelled. Returns when the thread has ended. */
    override fun close() {
        group.refuseIfShared()
        beginClosing()
        awaitEnd()
    }

    internal fun beginClosing() {
        closing = true
        execute(NOTHING)
    }

    internal fun awaitEnd() {
        if (isInLoop) return
        try {
            thread.join()
        } catch (_: InterruptedException) {
            Thread.currentThread().interrupt()
        }
    }

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
        val ready = awaitReadiness()
        turns++
        if (ready > 0) {
            tellReady()
        } else {
            // An interrupted thread's selector never sleeps; interrupts have no meaning here.
            Thread.interrupted()
        }
        runTasks()
        repeat(endOfTurn.size) { runGuarded(endOfTurn.removeFirst()) }
    }

    private fun awaitReadiness(): Int {
        progress.waits()
        asleep.set(true)
        val ready = if (tasks.isEmpty() && endOfTurn.isEmpty()) selector.select() else selector.selectNow()
        asleep.set(false)
        return ready
    }

    private fun tellReady() {
        val keys = selector.selectedKeys()
        for (key in keys) {
            progress.begins()
            try {
                (key.attachment() as ReadyHandler).ready(key)
            } catch (_: CancelledKeyException) {
                // The channel was closed meanwhile, and whoever waits for it was told so.
            } catch (e: Throwable) {
                report(e)
            }
        }
        keys.clear()
    }

    /** What is there now: what these add waits for the next turn, so that readiness is looked at in between. */
    private fun runTasks() {
        repeat(tasks.size) { tasks.poll()?.let(::runGuarded) }
    }

    private fun runGuarded(task: Runnable) {
        progress.begins()
        try {
            task.run()
        } catch (e: Throwable) {
            report(e)
        }
    }

    /** A bug in one task is no reason to end those of all others. */
    private fun report(e: Throwable) {
        thread.uncaughtExceptionHandler.uncaughtException(thread, e)
    }

    private fun endAll() {
        for (key in selector.keys().toList()) {
            (key.attachment() as ReadyHandler).loopClosed()
        }
        selector.close()
        progress.waits()
        closed = true
        coroutineContext.cancel(null)
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
