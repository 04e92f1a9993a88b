package dev.sluice.net

import dev.sluice.DEFAULT_LIMIT
import dev.sluice.DEFAULT_WRITE_LIMIT
import dev.sluice.tls.TlsOptions
import kotlinx.coroutines.future.await
import java.net.InetAddress
import java.net.SocketAddress
import java.util.concurrent.CompletionStage
import java.util.function.Function
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toKotlinDuration
import java.time.Duration as JavaDuration

/**
 * How to connect, and what the connection is like.
 *
 * ```kotlin
 * openConnection("example.org", 443, ConnectOptions { connectTimeout = 3.seconds })
 * ```
 * In Java: `ConnectOptions.builder().connectTimeout(Duration.ofSeconds(3)).build()`.
 */
public class ConnectOptions private constructor(
    builder: Builder,
) {
    /** The reader's limit; see [dev.sluice.StreamReader]. */
    public val limit: Int = builder.limit

    /** How much the writer holds; see [dev.sluice.StreamWriter]. */
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

    /** Has the connection speak TLS; `null` leaves it plain. */
    public val tls: TlsOptions? = builder.tls

    /** Which of the host's addresses are tried. */
    public val family: AddressFamily = builder.family

    /** The address of this side; its family decides which of the host's addresses can be tried. */
    public val localAddress: SocketAddress? = builder.localAddress

    /** How long looking up the host and connecting may take, all addresses together. */
    @get:JvmSynthetic
    public val connectTimeout: Duration = builder.connectTimeout

    /** After how long without an answer the next address is tried as well; 0 tries all of them at once. */
    @get:JvmSynthetic
    public val happyEyeballsDelay: Duration = builder.happyEyeballsDelay

    /** By how many addresses the first one's family leads, before IPv6 and IPv4 take turns; 0 keeps the resolver's order. */
    public val interleave: Int = builder.interleave

    /** Sends small writes at once (`TCP_NODELAY`). */
    public val noDelay: Boolean = builder.noDelay

    /** Has the system look after idle connections (`SO_KEEPALIVE`). */
    public val keepAlive: Boolean = builder.keepAlive

    /** The size of the system's send buffer; `null` leaves it to the system. */
    public val sendBuffer: Int? = builder.sendBuffer

    /** The size of the system's receive buffer; `null` leaves it to the system. */
    public val receiveBuffer: Int? = builder.receiveBuffer

    /** Who looks up the host; `null` is the JDK. */
    public val resolver: Resolver? = builder.resolver

    /** Where the connection lives; `null` is the shared group. */
    public val eventLoops: EventLoops? = builder.eventLoops

    init {
        checkPositive("limit", limit)
        checkPositive("writeLimit", writeLimit)
        checkPositive("closeTimeout", closeTimeout)
        checkPositive("idleTimeout", idleTimeout)
        checkPositive("connectTimeout", connectTimeout)
        require(!happyEyeballsDelay.isNegative()) { "happyEyeballsDelay can't be negative, as $happyEyeballsDelay is" }
        require(interleave >= 0) { "interleave can't be negative, as $interleave is" }
        checkPositive("sendBuffer", sendBuffer)
        checkPositive("receiveBuffer", receiveBuffer)
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
        public var localAddress: SocketAddress? = null

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var connectTimeout: Duration = 30.seconds

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var happyEyeballsDelay: Duration = 250.milliseconds

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var interleave: Int = 1

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var noDelay: Boolean = true

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var keepAlive: Boolean = false

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var sendBuffer: Int? = null

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var receiveBuffer: Int? = null

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var resolver: Resolver? = null

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var eventLoops: EventLoops? = null

        /** @see ConnectOptions.limit */
        public fun limit(bytes: Int): Builder = apply { limit = bytes }

        /** @see ConnectOptions.writeLimit */
        public fun writeLimit(bytes: Int): Builder = apply { writeLimit = bytes }

        /** @see ConnectOptions.closeTimeout */
        public fun closeTimeout(time: JavaDuration): Builder = apply { closeTimeout = time.toKotlinDuration() }

        /** @see ConnectOptions.idleTimeout */
        public fun idleTimeout(time: JavaDuration): Builder = apply { idleTimeout = time.toKotlinDuration() }

        /** @see ConnectOptions.tls */
        public fun tls(options: TlsOptions?): Builder = apply { tls = options }

        /** @see ConnectOptions.family */
        public fun family(family: AddressFamily): Builder = apply { this.family = family }

        /** @see ConnectOptions.localAddress */
        public fun localAddress(address: SocketAddress?): Builder = apply { localAddress = address }

        /** @see ConnectOptions.connectTimeout */
        public fun connectTimeout(time: JavaDuration): Builder = apply { connectTimeout = time.toKotlinDuration() }

        /** @see ConnectOptions.happyEyeballsDelay */
        public fun happyEyeballsDelay(time: JavaDuration): Builder = apply { happyEyeballsDelay = time.toKotlinDuration() }

        /** @see ConnectOptions.interleave */
        public fun interleave(count: Int): Builder = apply { interleave = count }

        /** @see ConnectOptions.noDelay */
        public fun noDelay(on: Boolean): Builder = apply { noDelay = on }

        /** @see ConnectOptions.keepAlive */
        public fun keepAlive(on: Boolean): Builder = apply { keepAlive = on }

        /** @see ConnectOptions.sendBuffer */
        public fun sendBuffer(bytes: Int): Builder = apply { sendBuffer = bytes }

        /** @see ConnectOptions.receiveBuffer */
        public fun receiveBuffer(bytes: Int): Builder = apply { receiveBuffer = bytes }

        /** @see ConnectOptions.resolver */
        public fun resolver(lookUp: Function<String, out CompletionStage<out List<InetAddress>>>): Builder =
            apply { resolver = Resolver { lookUp.apply(it).await() } }

        /** @see ConnectOptions.eventLoops */
        public fun eventLoops(loops: EventLoops?): Builder = apply { eventLoops = loops }

        /** @throws IllegalArgumentException an option has a value that makes no sense */
        public fun build(): ConnectOptions = ConnectOptions(this)
    }

    public companion object {
        /** What holds where nothing else is said. */
        @JvmField
        public val Default: ConnectOptions = ConnectOptions {}

        /** @throws IllegalArgumentException an option has a value that makes no sense */
        @JvmSynthetic
        public operator fun invoke(configure: Builder.() -> Unit): ConnectOptions = Builder().apply(configure).build()

        @JvmStatic
        public fun builder(): Builder = Builder()
    }
}
