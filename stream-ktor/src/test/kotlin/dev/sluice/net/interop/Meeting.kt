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
    ours: suspend (Connection, Peer) -> Unit,
) {
    leavingNothing {
        kind.withPlace { place ->
            when (peer) {
                Python.CLIENT -> serveIt(kind, place, behaviour, result, ServerOptions { this.closeTimeout = closeTimeout }, ours)
                Python.SERVER -> callIt(kind, place, behaviour, result, ConnectOptions { this.closeTimeout = closeTimeout }, ours)
            }
        }
    }
}

private suspend fun serveIt(
    kind: SocketKind,
    place: String,
    behaviour: String,
    result: String,
    options: ServerOptions,
    ours: suspend (Connection, Peer) -> Unit,
) {
    val peer = CompletableDeferred<Peer>()
    val outcome = CompletableDeferred<Result<Unit>>()
    val server = kind.serve(place, options) { outcome.complete(runCatching { ours(it, peer.await()) }) }
    Tool.python.start("connect", kind.addressOf(server), behaviour).use {
        peer.complete(it)
        it.mustComeTo(result.replace("PORT", kind.addressOf(server).substringAfter(":")))
        outcome.await().getOrThrow()
    }
    server.close()
    server.awaitClosed()
}

private suspend fun callIt(
    kind: SocketKind,
    place: String,
    behaviour: String,
    result: String,
    options: ConnectOptions,
    ours: suspend (Connection, Peer) -> Unit,
) {
    Tool.python.start("serve", place, behaviour).use { peer ->
        kind.open(peer.line(), options).use { ours(it, peer) }
        peer.mustComeTo(result)
    }
}

private suspend fun Peer.mustComeTo(result: String) {
    line() shouldBe result
    mustSucceed()
}
