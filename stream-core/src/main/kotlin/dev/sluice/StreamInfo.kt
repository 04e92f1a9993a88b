package dev.sluice

import dev.sluice.transport.ByteSink
import dev.sluice.transport.ByteSource
import dev.sluice.transport.OpenedAt
import dev.sluice.transport.Transport
import java.net.SocketAddress
import java.nio.channels.Channel
import java.security.cert.Certificate
import javax.net.ssl.SSLSession

/**
 * Facts about a stream and what lies below it: addresses, the TLS session, the process behind a pipe.
 *
 * ```kotlin
 * val peer: SocketAddress? = connection.info[InfoKey.PeerAddress]
 * ```
 * What a layer does not know it asks the layer below; an unknown key is `null`. Facts stay readable after the stream ended.
 */
public interface StreamInfo {
    public operator fun <T : Any> get(key: InfoKey<T>): T?

    public companion object {
        /** Knows nothing. */
        @JvmField
        public val None: StreamInfo = FixedInfo(emptyMap())
    }
}

/** Names a fact of a [StreamInfo] and its type. A transport may add keys of its own. */
public class InfoKey<T : Any>(
    private val name: String,
) {
    override fun toString(): String = name

    public companion object {
        @JvmField
        public val PeerAddress: InfoKey<SocketAddress> = InfoKey("PeerAddress")

        @JvmField
        public val LocalAddress: InfoKey<SocketAddress> = InfoKey("LocalAddress")

        /** The name or address of the peer as it was asked for. */
        @JvmField
        public val PeerHost: InfoKey<String> = InfoKey("PeerHost")

        /** Whether this is the side that was connected to: true in a server's handler. */
        @JvmField
        public val Accepted: InfoKey<Boolean> = InfoKey("Accepted")

        /** The NIO channel below, for options this library does not know. Reading or writing on it breaks the stream. */
        @JvmField
        public val Channel: InfoKey<Channel> = InfoKey("Channel")

        @JvmField
        public val TlsSession: InfoKey<SSLSession> = InfoKey("TlsSession")

        @JvmField
        public val PeerCertificates: InfoKey<List<Certificate>> = InfoKey("PeerCertificates")

        @JvmField
        public val CipherSuite: InfoKey<String> = InfoKey("CipherSuite")

        /** The TLS version, as `TLSv1.3`. */
        @JvmField
        public val TlsProtocol: InfoKey<String> = InfoKey("TlsProtocol")

        /** The protocol agreed by ALPN, as `h2`. */
        @JvmField
        public val ApplicationProtocol: InfoKey<String> = InfoKey("ApplicationProtocol")

        @JvmField
        public val Process: InfoKey<Process> = InfoKey("Process")

        /** Where the connection was opened, if that was noted; see [OpenedAt]. */
        @JvmField
        public val OpenedAt: InfoKey<OpenedAt> = InfoKey("OpenedAt")

        /** Which output of a process this is: 1 for stdout, 2 for stderr. */
        @JvmField
        public val FileDescriptor: InfoKey<Int> = InfoKey("FileDescriptor")
    }
}

/** What is known of a source, and of the connection that it may be one half of. */
internal val ByteSource.info: StreamInfo get() = infoOf(this)

internal val ByteSink.info: StreamInfo get() = infoOf(this)

private fun infoOf(end: Any): StreamInfo = (end as? Transport)?.info ?: end as? StreamInfo ?: StreamInfo.None

/** For messages: " to <address>" where there is one. */
internal fun StreamInfo.toPeer(): String =
    // The client of a Unix socket has an address, and nothing in it.
    this[InfoKey.PeerAddress]
        ?.toString()
        ?.ifEmpty { null }
        ?.let { " to $it" }
        .orEmpty()
