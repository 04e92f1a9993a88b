package dev.sluice.tls

import dev.sluice.InfoKey
import dev.sluice.StreamInfo
import java.security.cert.Certificate
import javax.net.ssl.SSLEngine
import javax.net.ssl.SSLPeerUnverifiedException
import javax.net.ssl.SSLSession

/** What was agreed in a handshake, and what is known below. Of two sessions in each other the inner one counts. */
internal class TlsInfo(
    private val below: StreamInfo,
    engine: SSLEngine,
) : StreamInfo {
    private val session: SSLSession = engine.session
    private val protocol: String? = agreedProtocol(engine)

    @Suppress("UNCHECKED_CAST")
    override fun <T : Any> get(key: InfoKey<T>): T? =
        when (key) {
            InfoKey.TlsSession -> session
            InfoKey.PeerCertificates -> peerCertificates()
            InfoKey.CipherSuite -> session.cipherSuite
            InfoKey.TlsProtocol -> session.protocol
            InfoKey.ApplicationProtocol -> protocol
            else -> below[key]
        } as T?

    private fun peerCertificates(): List<Certificate>? =
        try {
            session.peerCertificates.asList()
        } catch (_: SSLPeerUnverifiedException) {
            // That is how a session says that there are none.
            null
        }

    override fun toString(): String = "${session.protocol} over $below"
}
