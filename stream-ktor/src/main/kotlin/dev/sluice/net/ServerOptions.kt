package dev.sluice.net

import dev.sluice.Connection
import dev.sluice.DEFAULT_LIMIT
import dev.sluice.DEFAULT_WRITE_LIMIT
import dev.sluice.tls.TlsOptions
import kotlinx.coroutines.asCoroutineDispatcher
import java.util.concurrent.Executor
import java.util.function.BiConsumer
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toKotlinDuration
import java.time.Duration as JavaDuration

/**
 * How to listen, and what the connections of clients are like.
 *
 * ```kotlin
 * startServer("127.0.0.1", 8080, ServerOptions { maxConnections = 1000 }) { ... }
 * ```
 * In Java: `ServerOptions.builder().maxConnections(1000).build()`.
 */
public class ServerOptions private constructor(
    builder: Builder,
) {
    /** The readers' limit; see [dev.sluice.StreamReader]. */
    public val limit: Int = builder.limit

    /** How much each writer holds; see [dev.sluice.StreamWriter]. */
    public val writeLimit: Int = builder.writeLimit

    /** How long a flush after `close()` may go without the peer taking a byte. */
    @get:JvmSynthetic
    public val closeTimeout: Duration = builder.closeTimeout

    /**
     * After how long without a byte either way the connection is closed with [dev.sluice.IdleTimeoutException]; infinite is never. A write that
     * the peer does not take counts as idle. It may be noticed late by an eighth of the time.
     */
    @get:JvmSynthetic
    public val idleTimeout: Duration = builder.idleTimeout

    /** Has every connection speak TLS, as its server; `null` leaves them plain. */
    public val tls: TlsOptions? = builder.tls

    /** Which addresses of the hosts are bound. */
    public val family: AddressFamily = builder.family

    /** How many clients the system keeps waiting. */
    public val backlog: Int = builder.backlog

    /** Whether a port can be bound that connections of a former server still occupy (`SO_REUSEADDR`). */
    public val reuseAddress: Boolean = builder.reuseAddress

    /** Whether several servers may bind the same port and share its clients (`SO_REUSEPORT`); all of them have to say so. */
    public val reusePort: Boolean = builder.reusePort

    /** Has the system look after idle connections (`SO_KEEPALIVE`). */
    public val keepAlive: Boolean = builder.keepAlive

    /** Sends small writes at once (`TCP_NODELAY`). */
    public val noDelay: Boolean = builder.noDelay

    /** Whether clients are accepted at once, or not before [StreamServer.startServing]. */
    public val startServing: Boolean = builder.startServing

    /** Whether a Unix server removes its socket file when it is closed. */
    public val cleanupSocket: Boolean = builder.cleanupSocket

    /** How many clients are served at a time; others wait in the [backlog]. */
    public val maxConnections: Int = builder.maxConnections

    /** Where handlers run; `null` is the event loop of their connection, which they must not block. */
    public val context: CoroutineContext? = builder.context

    /**
     * Is told what handlers throw, their own cancellation apart, and without a connection why one could not be served, as after a failed TLS
     * handshake; logs it unless something else is given.
     */
    @get:JvmSynthetic
    public val onError: (Connection?, Throwable) -> Unit = builder.onError

    /** Where the connections live; `null` is the shared group. */
    public val eventLoops: EventLoops? = builder.eventLoops

    init {
        checkPositive("limit", limit)
        checkPositive("writeLimit", writeLimit)
        checkPositive("closeTimeout", closeTimeout)
        checkPositive("idleTimeout", idleTimeout)
        checkPositive("backlog", backlog)
        checkPositive("maxConnections", maxConnections)
    }

    /** Collects options: by assignment in Kotlin, by call in Java. */
    public class Builder internal constructor() {
        @get:JvmSynthetic
        @set:JvmSynthetic
        public var limit: Int = DEFAULT_LIMIT

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var writeLimit: Int = DEFAULT_WRITE_LIMIT

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var closeTimeout: Duration = 30.seconds

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var idleTimeout: Duration = Duration.INFINITE

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var tls: TlsOptions? = null

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var family: AddressFamily = AddressFamily.ANY

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var backlog: Int = 100

        /** Windows gives the option another meaning: there it lets strangers take the port. */
        @get:JvmSynthetic
        @set:JvmSynthetic
        public var reuseAddress: Boolean = !System.getProperty("os.name").orEmpty().startsWith("Windows")

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var reusePort: Boolean = false

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var keepAlive: Boolean = false

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var noDelay: Boolean = true

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var startServing: Boolean = true

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var cleanupSocket: Boolean = true

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var maxConnections: Int = Int.MAX_VALUE

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var context: CoroutineContext? = null

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var onError: (Connection?, Throwable) -> Unit = ::logHandlerFailure

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var eventLoops: EventLoops? = null

        /** @see ServerOptions.limit */
        public fun limit(bytes: Int): Builder = apply { limit = bytes }

        /** @see ServerOptions.writeLimit */
        public fun writeLimit(bytes: Int): Builder = apply { writeLimit = bytes }

        /** @see ServerOptions.closeTimeout */
        public fun closeTimeout(time: JavaDuration): Builder = apply { closeTimeout = time.toKotlinDuration() }

        /** @see ServerOptions.idleTimeout */
        public fun idleTimeout(time: JavaDuration): Builder = apply { idleTimeout = time.toKotlinDuration() }

        /** @see ServerOptions.tls */
        public fun tls(options: TlsOptions?): Builder = apply { tls = options }

        /** @see ServerOptions.family */
        public fun family(family: AddressFamily): Builder = apply { this.family = family }

        /** @see ServerOptions.backlog */
        public fun backlog(clients: Int): Builder = apply { backlog = clients }

        /** @see ServerOptions.reuseAddress */
        public fun reuseAddress(on: Boolean): Builder = apply { reuseAddress = on }

        /** @see ServerOptions.reusePort */
        public fun reusePort(on: Boolean): Builder = apply { reusePort = on }

        /** @see ServerOptions.keepAlive */
        public fun keepAlive(on: Boolean): Builder = apply { keepAlive = on }

        /** @see ServerOptions.noDelay */
        public fun noDelay(on: Boolean): Builder = apply { noDelay = on }

        /** @see ServerOptions.startServing */
        public fun startServing(on: Boolean): Builder = apply { startServing = on }

        /** @see ServerOptions.cleanupSocket */
        public fun cleanupSocket(on: Boolean): Builder = apply { cleanupSocket = on }

        /** @see ServerOptions.maxConnections */
        public fun maxConnections(clients: Int): Builder = apply { maxConnections = clients }

        /** Where handlers run. @see ServerOptions.context */
        public fun executor(executor: Executor): Builder = apply { context = executor.asCoroutineDispatcher() }

        /** @see ServerOptions.onError */
        public fun onError(report: BiConsumer<in Connection?, in Throwable>): Builder =
            apply { onError = { connection, failure -> report.accept(connection, failure) } }

        /** @see ServerOptions.eventLoops */
        public fun eventLoops(loops: EventLoops?): Builder = apply { eventLoops = loops }

        /** @throws IllegalArgumentException an option has a value that makes no sense */
        public fun build(): ServerOptions = ServerOptions(this)
    }

    public companion object {
        /** What holds where nothing else is said. */
        @JvmField
        public val Default: ServerOptions = ServerOptions {}

        /** @throws IllegalArgumentException an option has a value that makes no sense */
        @JvmSynthetic
        public operator fun invoke(configure: Builder.() -> Unit): ServerOptions = Builder().apply(configure).build()

        @JvmStatic
        public fun builder(): Builder = Builder()
    }
}
