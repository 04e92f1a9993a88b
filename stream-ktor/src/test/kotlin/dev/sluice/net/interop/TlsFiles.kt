package dev.sluice.net.interop

import dev.sluice.Connection
import dev.sluice.net.ConnectOptions
import dev.sluice.net.SocketKind
import dev.sluice.testing.tls.TestAuthority
import dev.sluice.testing.tls.TestIdentity
import dev.sluice.tls.TlsOptions
import java.nio.file.Path

/** The versions of TLS. It is always the peer that is told which one to speak: this library has to find it. */
internal enum class TlsVersion(
    val protocol: String,
) {
    TLS_1_2("TLSv1.2"),
    TLS_1_3("TLSv1.3"),
    ;

    override fun toString(): String = protocol
}

/** Certificates in files, which other programs read as well as this library. Everybody trusts [authority] and nobody else. */
internal class TlsFiles(
    private val folder: Path,
) {
    private val issuer = TestAuthority()

    val authority: Path = issuer.write(folder.resolve("authority.crt"))

    val server: Identity = Identity("server", issuer.issue("localhost"))

    val elsewhere: Identity = Identity("elsewhere", issuer.issue("elsewhere.test"))

    val client: Identity = Identity("client", issuer.issue(commonName = "client"))

    /** Issued by somebody whom nobody trusts. */
    val stranger: Identity = Identity("stranger", TestAuthority("Stranger").issue("localhost", commonName = "stranger"))

    inner class Identity(
        name: String,
        identity: TestIdentity,
    ) {
        val chain: Path = identity.writeChain(folder.resolve("$name.crt"))
        val key: Path = identity.writeKey(folder.resolve("$name.key"))
    }

    fun asServer(
        identity: Identity = server,
        configure: TlsOptions.Builder.() -> Unit = {},
    ): TlsOptions =
        TlsOptions {
            identity(identity.chain, identity.key)
            trust(authority)
            configure()
        }

    fun asClient(
        kind: SocketKind,
        configure: TlsOptions.Builder.() -> Unit = {},
    ): TlsOptions =
        TlsOptions {
            trust(authority)
            // A path has no host name; with TCP it is the one that is connected to.
            if (kind == SocketKind.UNIX) serverHostname = "localhost"
            configure()
        }
}

/** Connects to [address] by the name that the certificates are for. */
internal suspend fun SocketKind.openByName(
    address: String,
    options: ConnectOptions,
): Connection = open(address.replace("127.0.0.1", "localhost"), options)

internal suspend fun SocketKind.openByName(
    address: String,
    tls: TlsOptions,
): Connection = openByName(address, ConnectOptions { this.tls = tls })
