package dev.sluice.tls

import dev.sluice.Connection
import dev.sluice.testing.Chunking
import dev.sluice.testing.memoryTransportPair
import dev.sluice.testing.tls.TestAuthority
import dev.sluice.testing.tls.TestIdentity
import dev.sluice.testing.tls.emptyStore
import dev.sluice.transport.Transport
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import org.conscrypt.Conscrypt
import javax.net.ssl.SSLContext
import javax.net.ssl.TrustManager
import javax.net.ssl.TrustManagerFactory
import kotlin.time.Duration.Companion.seconds

internal val conscrypt = Conscrypt.newProvider()

private val identity = authority.issue("localhost", "127.0.0.1")

/** Trusts what [trusted] has issued, and shows [own]. What decides on certificates is Conscrypt's, too. */
internal fun conscryptContext(
    own: TestIdentity? = null,
    trusted: TestAuthority = authority,
): SSLContext = SSLContext.getInstance("TLS", conscrypt).apply { init(own?.keyManagers(), conscryptTrust(trusted), null) }

internal fun conscryptTrust(trusted: TestAuthority): Array<TrustManager> =
    TrustManagerFactory
        .getInstance("PKIX", conscrypt)
        .apply { init(emptyStore().apply { setCertificateEntry("authority", trusted.certificate) }) }
        .trustManagers

/** Whose engines meet. */
internal enum class Meeting(
    val clientIsConscrypt: Boolean,
    val serverIsConscrypt: Boolean,
) {
    CONSCRYPT_WITH_JDK(true, false),
    JDK_WITH_CONSCRYPT(false, true),
    CONSCRYPT_WITH_CONSCRYPT(true, true),
    ;

    override fun toString(): String = name.lowercase().replace('_', ' ')

    fun clientContext(own: TestIdentity? = null): SSLContext =
        when {
            clientIsConscrypt -> conscryptContext(own)
            own == null -> authority.context()
            else -> own.context(authority)
        }

    private val serverContext = if (serverIsConscrypt) conscryptContext(identity) else identity.context(authority)

    fun client(
        version: String,
        configure: TlsOptions.Builder.() -> Unit = {},
    ): TlsOptions =
        clientTls {
            context = clientContext()
            protocols = listOf(version)
            shutdownTimeout = 5.seconds
            configure()
        }

    fun server(
        version: String,
        configure: TlsOptions.Builder.() -> Unit = {},
    ): TlsOptions =
        serverTls {
            context = serverContext
            protocols = listOf(version)
            shutdownTimeout = 5.seconds
            configure()
        }

    suspend fun connections(
        version: String,
        below: Pair<Transport, Transport> = memoryTransportPair(),
        client: TlsOptions.Builder.() -> Unit = {},
        server: TlsOptions.Builder.() -> Unit = {},
    ): Pair<Connection, Connection> =
        below.withTls(client(version, client), server(version, server)).let { (a, b) ->
            Connection(a) to
                Connection(b)
        }

    /**
     * How much one side sends. Here the JDK changes its keys after each MiB and, where it has read as much, asks for others with each
     * further record; Conscrypt takes 32 such requests for an attack.
     */
    fun much(
        version: String,
        fromConscrypt: Boolean,
        toConscrypt: Boolean,
    ): Int = if (version == TLS_1_3 && fromConscrypt && !toConscrypt) 900_000 else 4 shl 20

    suspend fun chunked(
        version: String,
        chunking: Chunking,
    ): Pair<Connection, Connection> = connections(version, memoryTransportPair(chunking = chunking))
}

internal val versions = listOf(TLS_1_3, TLS_1_2)

/** How each side failed; null for who did not. */
internal suspend fun failures(
    client: TlsOptions,
    server: TlsOptions,
    below: Pair<Transport, Transport> = memoryTransportPair(),
): Pair<Throwable?, Throwable?> =
    coroutineScope {
        val (a, b) = below
        val first = async(Dispatchers.Default) { runCatching { a.withTls(client) } }
        val second = runCatching { b.withTls(server) }
        first.await().exceptionOrNull() to second.exceptionOrNull()
    }
