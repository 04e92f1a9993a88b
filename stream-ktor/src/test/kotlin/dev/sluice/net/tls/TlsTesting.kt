package dev.sluice.net.tls

import dev.sluice.Connection
import dev.sluice.net.ConnectOptions
import dev.sluice.net.ServerOptions
import dev.sluice.net.SocketKind
import dev.sluice.net.StreamServer
import dev.sluice.net.openConnection
import dev.sluice.net.port
import dev.sluice.testing.tls.TestAuthority
import dev.sluice.testing.tls.TestIdentity
import dev.sluice.tls.TlsOptions
import io.kotest.matchers.shouldBe
import java.nio.ByteBuffer

internal const val TLS_1_3 = "TLSv1.3"
internal const val TLS_1_2 = "TLSv1.2"

internal val authority = TestAuthority()
internal val localhost = authority.issue("localhost", "127.0.0.1")
internal val stranger = TestAuthority("Stranger")

internal fun serverTls(
    identity: TestIdentity? = localhost,
    configure: TlsOptions.Builder.() -> Unit = {},
): TlsOptions =
    TlsOptions {
        context = identity?.context(authority) ?: authority.context()
        configure()
    }

internal fun clientTls(
    identity: TestIdentity? = null,
    configure: TlsOptions.Builder.() -> Unit = {},
): TlsOptions =
    TlsOptions {
        context = identity?.context(authority) ?: authority.context()
        configure()
    }

internal fun secureServer(
    tls: TlsOptions = serverTls(),
    configure: ServerOptions.Builder.() -> Unit = {},
): ServerOptions =
    ServerOptions {
        this.tls = tls
        configure()
    }

internal fun secureClient(
    tls: TlsOptions = clientTls(),
    configure: ConnectOptions.Builder.() -> Unit = {},
): ConnectOptions =
    ConnectOptions {
        this.tls = tls
        configure()
    }

/** A client of [server], which it calls by [host]. */
internal suspend fun secureClientOf(
    server: StreamServer,
    tls: TlsOptions = clientTls(),
    host: String = "localhost",
): Connection = openConnection(host, server.port, secureClient(tls))

/** Servers on the kind of socket that have no name of their own, as those at a path, are called "localhost". */
internal val SocketKind.named: TlsOptions.Builder.() -> Unit get() = {
    if (this@named ==
        SocketKind.UNIX
    ) {
        serverHostname = "localhost"
    }
}

internal fun expired(vararg names: String): TestIdentity = authority.issue(*names, valid = TestAuthority.days(-9, -1))

/** A connection must end; of what is left on it nothing matters. */
internal suspend fun Connection.closeWhole() {
    close()
    awaitClosed()
}

/** The server, one that echoes, goes on serving over TLS. */
internal suspend fun StreamServer.mustEcho() {
    val connection = secureClientOf(this)
    connection.writer.write("ping\n")
    connection.reader.readLine() shouldBe "ping"
    connection.closeWhole()
}

/** The first that a client says, which the server answers with all that it has to compute. */
internal fun clientHello(): ByteArray {
    val engine = authority.context().createSSLEngine("localhost", 1)
    engine.useClientMode = true
    val record = ByteBuffer.allocate(engine.session.packetBufferSize)
    engine.wrap(ByteBuffer.allocate(0), record)
    return record.array().copyOf(record.position())
}
