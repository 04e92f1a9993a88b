@file:NotOnAndroid

package dev.sluice.tls

import dev.sluice.NotOnAndroid
import javax.net.ssl.SSLEngine
import javax.net.ssl.SSLParameters

// Java has had ALPN since 9, and late versions of 8; Android since its API level 29.

internal fun SSLParameters.offer(protocols: List<String>) {
    try {
        applicationProtocols = protocols.toTypedArray()
    } catch (e: LinkageError) {
        throw UnsupportedOperationException("applicationProtocols (ALPN) needs Java 9 or Android 10", e)
    }
}

/** What the two sides agreed on; null for nothing. */
internal fun agreedProtocol(engine: SSLEngine): String? =
    try {
        engine.applicationProtocol?.takeIf { it.isNotEmpty() }
    } catch (_: LinkageError) {
        // Where it can't be offered, nothing was agreed on.
        null
    } catch (_: UnsupportedOperationException) {
        // An engine of a provider that does not know it.
        null
    }
