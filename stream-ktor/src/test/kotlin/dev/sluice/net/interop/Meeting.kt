package dev.sluice.net.interop

import dev.sluice.Connection
import dev.sluice.net.ConnectOptions
import dev.sluice.net.ServerOptions
import dev.sluice.net.SocketKind
import dev.sluice.net.leavingNothing
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CompletableDeferred
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** Which side CPython is. */
internal enum class Python(
    private val text: String,
) {
    CLIENT("CPython's client"),
    SERVER("CPython's server"),
    ;

    override fun toString(): String = text
}

/** TLS between the two, from the start or as soon as both want it; CPython speaks [version] only. */
internal class TlsMeeting(
    val files: TlsFiles,
    private val version: TlsVersion,
    val isFromStart: Boolean = true,
) {
    /** For peer.py. */
    val arguments: Array<String>
        get() {
            val identity = files.server
            val wish = if (isFromStart) "tls" else "starttls"
            return arrayOf(
                wish,
                version.name.replace("TLS_1_", "TLSv1_"),
                "${files.authority}",
                "${identity.chain}",
                "${identity.key}",
            )
        }
}

/**
 * Connects CPython, which does what [behaviour] is in peer.py, with this library over [kind], and does [ours] with the connection, which
 * is closed afterwards. Then the peer must come to [result], and nothing be left of any of it.
 */
internal suspend fun meet(
    peer: Python,
    kind: SocketKind,
    behaviour: String,
    result: String,
    closeTimeout: Duration = 30.seconds,
    tls: TlsMeeting? = null,
    ours: suspend (Connection, Peer) -> Unit,
) {
    leavingNothing {
        kind.withPlace { place ->
            val arguments = arrayOf(place, behaviour) + tls?.arguments.orEmpty()
            val files = tls?.takeIf { it.isFromStart }?.files
            when (peer) {
                Python.CLIENT -> {
                    val options =
                        ServerOptions {
                            this.closeTimeout = closeTimeout
                            this.tls = files?.asServer()
                        }
                    serveIt(kind, arguments, result, options, ours)
                }

                Python.SERVER -> {
                    val options =
                        ConnectOptions {
                            this.closeTimeout = closeTimeout
                            this.tls = files?.asClient(kind)
                        }
                    callIt(kind, arguments, result, options, byName = tls != null, ours)
                }
            }
        }
    }
}

private suspend fun serveIt(
    kind: SocketKind,
    arguments: Array<String>,
    result: String,
    options: ServerOptions,
    ours: suspend (Connection, Peer) -> Unit,
) {
    val peer = CompletableDeferred<Peer>()
    val outcome = CompletableDeferred<Result<Unit>>()
    val server = kind.serve(arguments[0], options) { outcome.complete(runCatching { ours(it, peer.await()) }) }
    arguments[0] = kind.addressOf(server)
    Tool.python.start("connect", *arguments).use {
        peer.complete(it)
        it.mustComeTo(result.replace("PORT", kind.addressOf(server).substringAfter(":")))
        outcome.await().getOrThrow()
    }
    server.close()
    server.awaitClosed()
}

private suspend fun callIt(
    kind: SocketKind,
    arguments: Array<String>,
    result: String,
    options: ConnectOptions,
    byName: Boolean,
    ours: suspend (Connection, Peer) -> Unit,
) {
    Tool.python.start("serve", *arguments).use { peer ->
        val address = peer.line()
        val connection = if (byName) kind.openByName(address, options) else kind.open(address, options)
        connection.use { ours(it, peer) }
        peer.mustComeTo(result)
    }
}

private suspend fun Peer.mustComeTo(result: String) {
    line() shouldBe result
    mustSucceed()
}
