package dev.sluice.tls

import java.nio.file.Path
import javax.net.ssl.KeyManager
import javax.net.ssl.SSLContext
import javax.net.ssl.TrustManager
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toKotlinDuration
import java.time.Duration as JavaDuration

/**
 * How to speak TLS: who this side is, whom it trusts, and what is agreed on.
 *
 * ```kotlin
 * openConnection("example.org", 443, ConnectOptions { tls = TlsOptions {} })
 * startServer("0.0.0.0", 443, ServerOptions { tls = TlsOptions { identity(Path("server.crt"), Path("server.key")) } }) { ... }
 * ```
 * In Java: `TlsOptions.builder().identity(chain, key).build()`. Files are read when the options are built, which blocks, and not again.
 */
public class TlsOptions private constructor(
    builder: Builder,
) {
    /**
     * Where keys and trust come from; `null` is the JVM's default context. It is the one made of files where such were given.
     *
     * One of Conscrypt serves as well. For TLS 1.3 its clients need Conscrypt's own `TrustManagerFactory`: the JDK's knows nothing of how
     * they ask. A peer's end is that of both directions, as in TLS 1.2; and a server goes on without an application protocol where none is
     * common, and leaves it to the handler to look at [dev.sluice.InfoKey.ApplicationProtocol].
     */
    public val context: SSLContext? = builder.chosenContext()

    /** The name that the server's certificate must have, and that is asked for; `null` is the host that was connected to. */
    public val serverHostname: String? = builder.serverHostname?.removeSuffix(".")

    /** Whether a client checks that the server's certificate is one for this host. The chain of issuers is always checked. */
    public val verifyHostname: Boolean = builder.verifyHostname

    /** What this side would speak within TLS, by preference (ALPN); empty leaves that open. */
    public val applicationProtocols: List<String> = builder.applicationProtocols.toList()

    /** The versions of TLS; if nothing else is said, 1.3 where the platform has it, and 1.2. */
    public val protocols: List<String> = builder.protocols.toList()

    /** The cipher suites by preference; `null` leaves them to the context. */
    public val cipherSuites: List<String>? = builder.cipherSuites?.toList()

    /** Whether a server asks its clients for certificates. */
    public val clientAuth: ClientAuth = builder.clientAuth

    /** Which side this is. */
    public val role: Role = builder.role

    /** How long the handshake may take. */
    @get:JvmSynthetic
    public val handshakeTimeout: Duration = builder.handshakeTimeout

    /** How long the peer may take to answer the end of the session. */
    @get:JvmSynthetic
    public val shutdownTimeout: Duration = builder.shutdownTimeout

    /** Whether an engine was made with these options before. */
    @Volatile
    internal var hasMadeEngine: Boolean = false

    init {
        require(serverHostname == null || serverHostname.isNotEmpty()) {
            "serverHostname is empty; leave it out for the host that is connected to, or set verifyHostname = false"
        }
        require(applicationProtocols.all { it.isNotEmpty() && it.length <= MAX_ALPN }) {
            "the names of applicationProtocols have 1 to $MAX_ALPN bytes, not $applicationProtocols"
        }
        require(protocols.isNotEmpty()) { "protocols is empty; TLS needs one, as \"TLSv1.3\"" }
        require(cipherSuites == null || cipherSuites.isNotEmpty()) { "cipherSuites is empty; null leaves them to the context" }
        require(handshakeTimeout.isPositive()) { "handshakeTimeout must be positive, not $handshakeTimeout" }
        require(shutdownTimeout.isPositive()) { "shutdownTimeout must be positive, not $shutdownTimeout" }
    }

    /** What a server wants of its clients. */
    public enum class ClientAuth {
        /** It does not ask. */
        NONE,

        /** It asks, and goes on with clients that have no certificate. */
        WANT,

        /** Without a certificate that it trusts there is no connection. */
        NEED,
    }

    /** The two sides of a handshake. */
    public enum class Role {
        /** The client where one connects, the server in a server's handler. */
        AUTO,
        CLIENT,
        SERVER,
    }

    /** Collects options: by assignment in Kotlin, by call in Java. */
    public class Builder internal constructor() {
        @get:JvmSynthetic
        @set:JvmSynthetic
        public var context: SSLContext? = null

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var serverHostname: String? = null

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var verifyHostname: Boolean = true

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var applicationProtocols: List<String> = emptyList()

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var protocols: List<String> = DEFAULT_PROTOCOLS

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var cipherSuites: List<String>? = null

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var clientAuth: ClientAuth = ClientAuth.NONE

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var role: Role = Role.AUTO

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var handshakeTimeout: Duration = 60.seconds

        @get:JvmSynthetic
        @set:JvmSynthetic
        public var shutdownTimeout: Duration = 30.seconds

        private var keys: (() -> Array<KeyManager>)? = null
        private var trusted: (() -> Array<TrustManager>)? = null

        /**
         * The certificate of this side and its private key, from PEM files.
         *
         * @param certificateChain this side's certificate first, then those of its issuers
         * @param privateKey PKCS#8, PKCS#1 or SEC1; it may be in the same file
         * @param password for a key that is encrypted
         */
        @JvmOverloads
        public fun identity(
            certificateChain: Path,
            privateKey: Path,
            password: String? = null,
        ): Builder = apply { keys = { keyManagersFromPem(certificateChain, privateKey, password) } }

        /** The certificate of this side and its private key, from a PKCS#12 or JKS file. */
        public fun keyStore(
            path: Path,
            password: String,
        ): Builder = apply { keys = { keyManagersFromStore(path, password) } }

        /**
         * Trusts the [certificates] in a file, PEM or a key store, and what they have issued; without it, those that the JVM trusts.
         *
         * @param password for a key store whose certificates can't be read without, as those of most PKCS#12 files
         */
        @JvmOverloads
        public fun trust(
            certificates: Path,
            password: String? = null,
        ): Builder = apply { trusted = { trustManagersFrom(certificates, password) } }

        /** @see TlsOptions.context */
        public fun context(context: SSLContext?): Builder = apply { this.context = context }

        /** @see TlsOptions.serverHostname */
        public fun serverHostname(name: String?): Builder = apply { serverHostname = name }

        /** @see TlsOptions.verifyHostname */
        public fun verifyHostname(on: Boolean): Builder = apply { verifyHostname = on }

        /** @see TlsOptions.applicationProtocols */
        public fun applicationProtocols(names: List<String>): Builder = apply { applicationProtocols = names }

        /** @see TlsOptions.protocols */
        public fun protocols(names: List<String>): Builder = apply { protocols = names }

        /** @see TlsOptions.cipherSuites */
        public fun cipherSuites(names: List<String>?): Builder = apply { cipherSuites = names }

        /** @see TlsOptions.clientAuth */
        public fun clientAuth(clientAuth: ClientAuth): Builder = apply { this.clientAuth = clientAuth }

        /** @see TlsOptions.role */
        public fun role(role: Role): Builder = apply { this.role = role }

        /** @see TlsOptions.handshakeTimeout */
        public fun handshakeTimeout(time: JavaDuration): Builder = apply { handshakeTimeout = time.toKotlinDuration() }

        /** @see TlsOptions.shutdownTimeout */
        public fun shutdownTimeout(time: JavaDuration): Builder = apply { shutdownTimeout = time.toKotlinDuration() }

        /**
         * @throws IllegalArgumentException an option has a value that makes no sense, or a file has no such thing in it
         * @throws java.io.IOException a file can't be read
         */
        public fun build(): TlsOptions = TlsOptions(this)

        internal fun chosenContext(): SSLContext? {
            if (keys == null && trusted == null) return context
            require(
                context == null,
            ) { "context has its own keys and trust; it can't be combined with identity, keyStore or trust" }
            val own = keys?.invoke()
            return SSLContext.getInstance("TLS").apply { init(own, trusted?.invoke() ?: defaultTrustManagers(), null) }
        }
    }

    public companion object {
        private const val MAX_ALPN = 255

        /** What holds where nothing else is said. */
        @JvmField
        public val Default: TlsOptions = TlsOptions {}

        /**
         * @throws IllegalArgumentException an option has a value that makes no sense, or a file has no such thing in it
         * @throws java.io.IOException a file can't be read
         */
        @JvmSynthetic
        public operator fun invoke(configure: Builder.() -> Unit): TlsOptions = Builder().apply(configure).build()

        @JvmStatic
        public fun builder(): Builder = Builder()
    }
}

internal const val TLS_1_3: String = "TLSv1.3"

internal const val TLS_1_2: String = "TLSv1.2"

internal val DEFAULT_PROTOCOLS: List<String> = listOf(TLS_1_3, TLS_1_2)
