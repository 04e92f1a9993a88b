package dev.sluice.tls

import javax.net.ssl.SNIHostName
import javax.net.ssl.SNIServerName
import javax.net.ssl.SSLContext
import javax.net.ssl.SSLEngine
import javax.net.ssl.SSLParameters

/**
 * An engine for one connection that does what these options say.
 *
 * @param host the name that a client verifies and asks for
 * @param port sessions are resumed with the same host and port only
 * @throws IllegalArgumentException the options, or the lack of a host, make no TLS
 */
internal fun TlsOptions.newEngine(
    isClient: Boolean,
    host: String?,
    port: Int,
): SSLEngine {
    require(!isClient || host != null || !verifyHostname) {
        "a TLS client needs to know whose certificate to expect: set serverHostname, or verifyHostname = false to accept anybody's"
    }
    val peer = host?.removeSuffix(".")
    val engine = (context ?: namingDefaultContext() ?: SSLContext.getDefault()).createSSLEngine(peer, port)
    engine.useClientMode = isClient
    val parameters = engine.sslParameters
    parameters.protocols = protocolsOf(engine.supportedProtocols)
    cipherSuites?.let { parameters.cipherSuites = supported("cipherSuites", it, engine.supportedCipherSuites) }
    if (applicationProtocols.isNotEmpty()) parameters.offer(applicationProtocols)
    if (isClient) parameters.expect(peer, verifyHostname) else parameters.ask(clientAuth)
    engine.sslParameters = parameters
    return engine
}

/** Old platforms have no TLS 1.3, as Android before its API level 29: where nobody asked for it, that is no reason to refuse. */
internal fun TlsOptions.protocolsOf(known: Array<String>): Array<String> {
    val there = protocols.filter { it in known }
    val mayLackSome = protocols == DEFAULT_PROTOCOLS && there.isNotEmpty()
    return supported("protocols", if (mayLackSome) there else protocols, known)
}

private fun SSLParameters.expect(
    host: String?,
    verifies: Boolean,
) {
    if (verifies) endpointIdentificationAlgorithm = "HTTPS"
    if (host != null && !host.isAddress) serverNames = serverNames(host)
}

private fun serverNames(host: String): List<SNIServerName> =
    try {
        listOf(SNIHostName(host))
    } catch (_: IllegalArgumentException) {
        // A name that works and is none by the letter of the rules, as one with an underscore: no server asks for it in this way.
        emptyList()
    }

private fun SSLParameters.ask(clientAuth: TlsOptions.ClientAuth) {
    useCipherSuitesOrder = true
    // Each of the two setters clears the other's flag.
    when (clientAuth) {
        TlsOptions.ClientAuth.NONE -> needClientAuth = false
        TlsOptions.ClientAuth.WANT -> wantClientAuth = true
        TlsOptions.ClientAuth.NEED -> needClientAuth = true
    }
}

private fun supported(
    option: String,
    wanted: List<String>,
    known: Array<String>,
): Array<String> {
    val unknown = wanted - known.toSet()
    require(unknown.isEmpty()) { "$option: $unknown is not supported here; what is: ${known.joinToString()}" }
    return wanted.toTypedArray()
}

/** Names in SNI are names; an IP literal has no place there. */
private val String.isAddress: Boolean get() = ':' in this || all { it.isDigit() || it == '.' }
