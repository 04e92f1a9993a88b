package dev.sluice.net.interop

import dev.sluice.Connection
import dev.sluice.net.ServerOptions
import dev.sluice.net.SocketKind
import dev.sluice.net.leavingNothing
import dev.sluice.tls.TlsOptions
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.withTimeout
import java.io.File
import kotlin.time.Duration.Companion.seconds

/** As `-msg` shows a request for new keys, or an answer to one, that came in or goes out. */
internal val KEY_UPDATE_IN = Regex("^<<< .*KeyUpdate")
internal val KEY_UPDATE_OUT = Regex("^>>> .*KeyUpdate")

private val TlsVersion.ofOpenssl
    get() =
        when (this) {
            TlsVersion.TLS_1_2 -> "-tls1_2"
            TlsVersion.TLS_1_3 -> "-tls1_3"
        }

/** Has `s_server` wait for a client, and tells [use] the address. */
internal suspend fun withOpensslServer(
    kind: SocketKind,
    version: TlsVersion,
    identity: TlsFiles.Identity,
    vararg arguments: String,
    use: suspend (address: String, Peer) -> Unit,
) {
    leavingNothing {
        kind.withPlace { place ->
            // It can't say where it listens if that takes more than 31 characters.
            val path = File(place)
            val where = if (kind == SocketKind.TCP) arrayOf("-accept", place) else arrayOf("-unix", path.name)
            val who = arrayOf("-cert", identity.chain.toString(), "-key", identity.key.toString())
            val options = arrayOf(*where, *who, version.ofOpenssl, "-naccept", "1", *arguments)
            Tool.openssl.start("s_server", *options, folder = path.parentFile).use { peer ->
                val name = peer.lineWith(Regex("^ACCEPT .*:(.+)")).groupValues[1]
                use(if (kind == SocketKind.TCP) "localhost:$name" else place, peer)
            }
        }
    }
}

/** A server of ours that `s_client` connects to. What goes wrong in it fails the test, unless that waits for it. */
internal class OurServer(
    private val kind: SocketKind,
    private val address: String,
    private val version: TlsVersion,
    private val files: TlsFiles,
    private val failures: Channel<Throwable>,
) {
    fun openssl(
        vararg arguments: String,
        output: File? = null,
    ): Peer {
        val where = arrayOf(if (kind == SocketKind.TCP) "-connect" else "-unix", address)
        val whom = arrayOf("-servername", "localhost", "-verify_hostname", "localhost", "-CAfile", files.authority.toString())
        return Tool.openssl.start(
            "s_client",
            *where,
            *whom,
            "-verify_return_error",
            version.ofOpenssl,
            *arguments,
            output = output,
        )
    }

    suspend fun failure(): Throwable =
        try {
            withTimeout(30.seconds) { failures.receive() }
        } catch (e: TimeoutCancellationException) {
            throw AssertionError("the server has reported no failure", e)
        }
}

internal suspend fun withOurServer(
    kind: SocketKind,
    version: TlsVersion,
    files: TlsFiles,
    tls: TlsOptions?,
    handler: suspend (Connection) -> Unit,
    use: suspend OurServer.() -> Unit,
) {
    val failures = Channel<Throwable>(Channel.UNLIMITED)
    val options =
        ServerOptions {
            this.tls = tls
            onError = { _, failure -> failures.trySend(failure) }
        }
    leavingNothing {
        kind.withPlace { place ->
            val server = kind.serve(place, options, handler)
            try {
                OurServer(kind, kind.addressOf(server), version, files, failures).use()
                server.close()
                server.awaitClosed()
            } catch (e: Throwable) {
                failures.tryReceive().getOrNull()?.let(e::addSuppressed)
                throw e
            } finally {
                server.close()
                server.abortClients()
            }
        }
    }
    failures.tryReceive().getOrNull()?.let { throw it }
}
