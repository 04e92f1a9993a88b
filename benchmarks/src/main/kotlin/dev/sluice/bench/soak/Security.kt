package dev.sluice.bench.soak

import dev.sluice.bench.net.Identity
import dev.sluice.tls.TlsOptions
import java.nio.file.Path
import javax.net.ssl.SSLContext

/** What both sides of TLS go by. */
internal class Security private constructor(
    val server: TlsOptions,
    val client: TlsOptions,
) {
    /** A client that trusts nobody that it meets here. */
    val stranger: TlsOptions = TlsOptions { serverHostname = NAME }

    companion object {
        private const val NAME = "localhost"
        private const val SESSIONS = 100

        fun create(folder: Path): Security {
            val identity = Identity.create(folder)
            val serverContext = SSLContext.getInstance("TLS").apply { init(identity.keys().keyManagers, null, null) }
            val clientContext = identity.clientContext()
            for (context in listOf(serverContext, clientContext)) {
                // The JDK keeps 20480 sessions unless told otherwise: that is growth for hours, and none of ours.
                context.serverSessionContext.sessionCacheSize = SESSIONS
                context.clientSessionContext.sessionCacheSize = SESSIONS
            }
            return Security(
                TlsOptions { context = serverContext },
                TlsOptions {
                    context = clientContext
                    serverHostname = NAME
                },
            )
        }
    }
}
