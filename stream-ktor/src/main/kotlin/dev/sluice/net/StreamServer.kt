package dev.sluice.net

import dev.sluice.Connection
import dev.sluice.ConnectionResetException
import dev.sluice.StreamClosedException
import dev.sluice.tls.TlsOptions
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.DelicateCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Semaphore
import kotlinx.coroutines.withContext
import org.slf4j.LoggerFactory
import java.io.IOException
import java.net.SocketAddress
import java.net.StandardSocketOptions
import java.nio.channels.SocketChannel
import java.util.Collections
import java.util.IdentityHashMap
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicInteger

/**
 * Listens on one or more addresses, and runs a coroutine of its handler for each client; made by [startServer] and [startUnixServer].
 *
 * ```kotlin
 * val server = startServer("127.0.0.1", 8080) { (reader, writer) ->
 *     reader.copyTo(writer)
 * }
 * server.serveForever()
 * ```
 * **A connection** belongs to its handler until that returns or throws, and is then closed as by `close()`: what was written is flushed. To
 * hand a connection on is not to return: `connection.awaitClosed()`. What a handler throws goes to `onError`, its own cancellation apart.
 *
 * **The end**: [close] stops listening and leaves the clients alone; [closeClients] and [abortClients] end them; [awaitClosed] waits for
 * all of it. A server that nobody refers to goes on until it or its event loops are closed.
 */
public class StreamServer internal constructor(
    private val listeners: List<Listener>,
    private val group: EventLoops,
    private val options: ServerOptions,
    private val socketFile: SocketFile?,
    private val handler: suspend (Connection) -> Unit,
) : AutoCloseable {
    /** Where it listens, in the order of the hosts; the ports that were chosen where 0 was asked for. Also after the end. */
    public val addresses: List<SocketAddress> = listeners.map { it.address }

    private val limits = options.limits

    /** Null where handlers run on the event loop. A job in it would make them somebody else's children. */
    private val handlerContext = options.context?.minusKey(Job)
    private val places = options.maxConnections.takeIf { it < Int.MAX_VALUE }?.let(::Semaphore)

    /** In the most compact set that there is: there may be many. */
    private val clients = Collections.newSetFromMap(IdentityHashMap<Connection, Boolean>())
    private val count = AtomicInteger()

    private val started = AtomicBoolean()
    private val awaited = AtomicBoolean()
    private val closing = AtomicBoolean()
    private val closed = Job()

    /** The handlers and what accepts for them; it ends when they have and the server is closed. */
    private val work = SupervisorJob(group.job)
    private val accepting = SupervisorJob(work)

    init {
        work.invokeOnCompletion { close() }
    }

    /** Whether new clients are accepted. */
    public val isServing: Boolean get() = started.get() && !closing.get()

    /** How many clients there are: accepted, and not yet closed. */
    public val connections: Int get() = count.get()

    /**
     * Begins to accept clients, where `startServing = false` kept the server from it; otherwise it does nothing. Until then clients can
     * connect, because the system completes that by itself, and wait.
     *
     * @throws IllegalStateException the server is closed
     */
    public suspend fun startServing() {
        check(!closing.get()) { "the server at ${addresses.joinToString()} is closed" }
        if (!started.compareAndSet(false, true)) return
        for (listener in listeners) {
            CoroutineScope(accepting + listener.loop).launch { accept(listener) }
        }
    }

    /**
     * Accepts clients until the server is closed, and then returns. Cancelling it closes the server at once; the clients go on.
     *
     * @throws IllegalStateException the server is closed, or another coroutine is in this function
     */
    public suspend fun serveForever() {
        startServing()
        check(awaited.compareAndSet(false, true)) { "another coroutine is serving the server at ${addresses.joinToString()}" }
        try {
            closed.join()
        } catch (e: CancellationException) {
            close()
            throw e
        } finally {
            awaited.set(false)
        }
    }

    /**
     * Stops listening. Clients that were accepted go on; those that were not see a reset. Calling it again does nothing.
     *
     * Of a Unix socket it removes the file, before it returns: a program may end after it.
     */
    override fun close() {
        if (!closing.compareAndSet(false, true)) return
        // First: as long as the socket is there, no other file can have its inode, and none that looks left behind is in the way.
        socketFile?.deleteIfOurs()
        listeners.forEach(Listener::close)
        accepting.cancel()
        // Last: who waits for it may end the program.
        closed.complete()
        work.complete()
    }

    /**
     * Waits until the server is closed and nothing of it is left: no listener, no connection, no handler that runs. It does not close
     * anything itself.
     */
    public suspend fun awaitClosed() {
        closed.join()
        listeners.forEach { it.released.join() }
        work.join()
    }

    /** Closes the connection of each client as by its `close()`: what was written is flushed. The server goes on. */
    public fun closeClients(): Unit = clientsNow().forEach { it.close() }

    /** Aborts the connection of each client: what was written may be lost, and the clients see a reset. The server goes on. */
    public fun abortClients(): Unit = clientsNow().forEach { it.abort() }

    private fun clientsNow(): List<Connection> = synchronized(clients) { clients.toList() }

    override fun toString(): String = "StreamServer(${addresses.joinToString()})"

    private suspend fun accept(listener: Listener) {
        try {
            Accepting(listener, places, ::begin).run()
        } finally {
            close()
        }
    }

    /** Gives a client its loop, on which all that follows runs. */
    @OptIn(DelicateCoroutinesApi::class)
    private fun begin(channel: SocketChannel) {
        val loop = group.next()
        // Even if everything is cancelled before it begins: the channel must be closed.
        val start = if (loop.isInLoop) CoroutineStart.UNDISPATCHED else CoroutineStart.ATOMIC
        CoroutineScope(work + loop).launch(start = start) {
            var connection: Connection? = null
            try {
                connection = connect(channel, loop)
                if (connection != null) serve(connection)
            } finally {
                leave(connection)
            }
        }
    }

    /** Null if the client is gone before it is here. */
    private fun connect(
        channel: SocketChannel,
        loop: EventLoop,
    ): Connection? {
        try {
            channel.configureBlocking(false)
            channel.setIfSupported(StandardSocketOptions.TCP_NODELAY, options.noDelay)
            channel.setIfSupported(StandardSocketOptions.SO_KEEPALIVE, options.keepAlive)
            return limits.connect(channel, loop, isAccepted = true).also(::enter)
        } catch (e: IOException) {
            logger.debug("A client of {} left before it was served: {}", this, e.message)
            channel.close()
            return null
        } catch (e: Throwable) {
            channel.close()
            throw e
        }
    }

    // Inlined, so that a handler that waits has fewer frames.

    @Suppress("NOTHING_TO_INLINE")
    private suspend inline fun serve(connection: Connection) {
        // Looked at when it is among the clients already: who closes the server and then its clients has met it, or it ends here.
        if (closing.get() || !work.isActive) {
            connection.abort()
        } else if (options.tls == null || secure(connection, options.tls)) {
            handle(connection)
        }
        withContext(NonCancellable) { end(connection) }
    }

    /** False if no TLS connection came about. That a client left before it said anything is no news. */
    private suspend fun secure(
        connection: Connection,
        tls: TlsOptions,
    ): Boolean {
        try {
            connection.startTls(tls)
            return true
        } catch (e: IOException) {
            if (e.meansItLeft) logger.debug("A client of {} left before it was served: {}", this, e.message) else report(null, e)
        } catch (e: CancellationException) {
            throw e
        } catch (e: Throwable) {
            // Of the options, or of a provider: the server goes on.
            report(null, e)
        }
        return false
    }

    @Suppress("NOTHING_TO_INLINE")
    private suspend inline fun handle(connection: Connection) {
        try {
            val context = handlerContext
            if (context == null) handler(connection) else withContext(context) { handler(connection) }
        } catch (e: CancellationException) {
            // The handler's own business, other than a time-out that it did not catch, or that its executor would not have it.
            if (e is TimeoutCancellationException || e.isRejection) report(connection, e)
        } catch (e: Throwable) {
            report(connection, e)
        }
    }

    private suspend fun end(connection: Connection) {
        connection.close()
        try {
            connection.awaitClosed()
        } catch (e: IOException) {
            logger.debug("A connection of {} ended badly: {}", this, e.message)
        }
    }

    /** Who is counted can be closed with the others. */
    private fun enter(connection: Connection) {
        synchronized(clients) { clients.add(connection) }
        count.incrementAndGet()
    }

    private fun leave(connection: Connection?) {
        if (connection != null) {
            synchronized(clients) { clients.remove(connection) }
            count.decrementAndGet()
        }
        places?.release()
    }

    private fun report(
        connection: Connection?,
        failure: Throwable,
    ) {
        try {
            options.onError(connection, failure)
        } catch (e: Throwable) {
            e.addSuppressed(failure)
            logger.error("The onError of {} failed itself", this, e)
        }
    }

    private val IOException.meansItLeft get() =
        this is StreamClosedException || generateSequence<Throwable>(this) { it.cause }.any { it is ConnectionResetException }

    private val Throwable.isRejection get() = generateSequence(this) { it.cause }.any { it is RejectedExecutionException }

    internal companion object {
        val logger = LoggerFactory.getLogger(StreamServer::class.java)!!
    }
}
