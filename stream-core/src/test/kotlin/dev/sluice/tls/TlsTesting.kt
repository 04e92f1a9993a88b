package dev.sluice.tls

import dev.sluice.testing.tls.TestAuthority
import dev.sluice.transport.Transport
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope

internal val authority = TestAuthority()

internal val serverContext = authority.issue("localhost", "127.0.0.1").context()

internal val clientContext = authority.context()

/** A client of "localhost" that trusts [authority], and whatever else is wanted. */
internal fun clientTls(configure: TlsOptions.Builder.() -> Unit = {}): TlsOptions =
    TlsOptions {
        context = clientContext
        serverHostname = "localhost"
        role = TlsOptions.Role.CLIENT
        configure()
    }

internal fun serverTls(configure: TlsOptions.Builder.() -> Unit = {}): TlsOptions =
    TlsOptions {
        context = serverContext
        role = TlsOptions.Role.SERVER
        configure()
    }

/** Both ends over TLS. */
internal suspend fun Pair<Transport, Transport>.withTls(
    client: TlsOptions = clientTls(),
    server: TlsOptions = serverTls(),
): Pair<Transport, Transport> =
    coroutineScope {
        val first = async(Dispatchers.Default) { first.withTls(client) }
        first to second.withTls(server)
    }.let { (first, second) -> first.await() to second }
