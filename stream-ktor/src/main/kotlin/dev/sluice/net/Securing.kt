package dev.sluice.net

import dev.sluice.Connection
import dev.sluice.tls.TlsOptions

/** Goes on over TLS if there is to be any. Whatever goes wrong closes the connection. */
internal suspend fun Connection.secured(tls: TlsOptions?): Connection {
    if (tls == null) return this
    try {
        startTls(tls)
    } catch (e: Throwable) {
        close()
        throw e
    }
    return this
}

/** For a connection that was not made by the name of a host: refuses at once what the handshake would. */
internal fun TlsOptions.checkHostname() {
    require(role == TlsOptions.Role.SERVER || !verifyHostname || serverHostname != null) {
        "nothing tells TLS whose certificate to expect here: set serverHostname, or verifyHostname = false to accept anybody's"
    }
}
