package dev.sluice.net.faults

import dev.sluice.Connection
import dev.sluice.net.ChannelTransport
import dev.sluice.net.ConnectOptions
import dev.sluice.net.ServerOptions
import dev.sluice.net.SocketKind
import dev.sluice.net.endNow
import dev.sluice.net.interop.Tool
import dev.sluice.net.tls.serverTls
import dev.sluice.process.ProcessOptions
import dev.sluice.process.PtySize
import dev.sluice.process.startProcess
import dev.sluice.testing.FaultyTransport
import dev.sluice.testing.memoryTransportPair
import dev.sluice.transport.Transport
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

internal typealias Ends = Pair<Connection, OtherEnd>

/** This side, connected to a peer that can do what the fault asks for; over TLS if that is to be, unless it is the moment. */
internal suspend fun Stage.connected(): Ends =
    when {
        cell.carrier.isProcess -> toChild()
        cell.fault == Fault.KILLED -> toPython(cell.carrier.socket!!)
        cell.fault == Fault.HANDLER_THROWS -> toHandler(cell.carrier.socket!!)
        else -> toConnection()
    }

private suspend fun Stage.toConnection(): Ends {
    val (here, there) = cell.carrier.socket?.let { inSockets(it) } ?: inMemory()
    closing { there.abort() }
    tlsFromTheStart?.let { tls ->
        coroutineScope {
            launch(Dispatchers.Default) { there.startTls(theirTls()) }
            here.startTls(tls)
        }
    }
    return here to StreamPeer(there)
}

private fun Stage.inMemory(): Pair<Connection, Connection> {
    val (left, right) = memoryTransportPair()
    return connection(left, Dispatchers.Unconfined) to Connection(right)
}

private suspend fun Stage.inSockets(kind: SocketKind): Pair<Connection, Connection> {
    val loop = loops.next()
    val otherLoop = otherLoops.next()
    val (left, right) = kind.pair(loop)
    return connection(ChannelTransport(left, loop), loop) to
        Connection(ChannelTransport(right, otherLoop), background = otherLoop)
}

private fun Stage.connection(
    transport: Transport,
    background: CoroutineDispatcher,
): Connection {
    val shaped = cell.fault.pieces?.let { FaultyTransport(transport, it.faults) } ?: transport
    return Connection(shaped, writeLimit = cell.carrier.bulk, closeTimeout = closeTimeout, background = background)
}

/** The peer is what a server has given to its handler. */
private suspend fun Stage.toHandler(kind: SocketKind): Ends {
    val handed = CompletableDeferred<Connection>()
    val failing = CompletableDeferred<Unit>()
    val reported = CompletableDeferred<Throwable>()
    // TLS waits for the other side to end, too; in the end a writer is to see that it is not heard any more.
    val goodbye = if (cell.moment == Moment.WRITING) 200.milliseconds else 30.seconds
    val options =
        ServerOptions {
            eventLoops = otherLoops
            if (tlsFromTheStart != null) tls = serverTls { shutdownTimeout = goodbye }
            onError = { _, e -> reported.complete(e) }
        }
    val server =
        kind.serve(place, options) {
            handed.complete(it)
            failing.await()
            throw UnsupportedOperationException(HANDLER_FAILURE)
        }
    closing(server::endNow)
    val connection = kind.connect(server, connectOptions())
    val theirs = handed.await()
    val peer =
        object : StreamPeer(theirs) {
            override suspend fun throwInHandler() {
                failing.complete(Unit)
                reported.await().message shouldBe HANDLER_FAILURE
            }
        }
    return connection to peer
}

private const val HANDLER_FAILURE = "what the handler throws"

/** This side is the server. */
private suspend fun Stage.toPython(kind: SocketKind): Ends {
    val accepted = CompletableDeferred<Connection>()
    val options =
        ServerOptions {
            eventLoops = loops
            writeLimit = cell.carrier.bulk
            tls = tlsFromTheStart
            onError = { _, _ -> }
        }
    val server =
        kind.serve(place, options) {
            accepted.complete(it)
            it.awaitClosed()
        }
    closing(server::endNow)
    val isSilent = cell.moment == Moment.HANDSHAKE
    val peer =
        pythonPeer(
            if (tlsFromTheStart == null) "plain" else "tls",
            kind.addressOf(server),
            if (isSilent) "" else THEIRS,
            if (cell.moment == Moment.READING) OURS.size else 0,
        )
    return accepted.await() to PythonPeer(peer)
}

internal fun Stage.pythonPeer(
    role: String,
    address: String,
    words: String,
    count: Int,
) = python.start("-c", PYTHON_PEER, role, address, words, "$count").also { closing(it::close) }

/** CPython itself, without the program that other tests run with it. */
internal val python: Tool by lazy { Tool(Tool.python.command.take(2), "no CPython was found", isRequired = false) }

internal fun Stage.connectOptions(): ConnectOptions =
    ConnectOptions {
        eventLoops = loops
        connectTimeout = this@connectOptions.connectTimeout
        closeTimeout = this@connectOptions.closeTimeout
        writeLimit = cell.carrier.bulk
        tls = tlsFromTheStart
    }

private suspend fun Stage.toChild(): Ends {
    val signal = folder.resolve("signal")
    val received = folder.resolve("received")
    val copying = cell.fault.pieces?.copying ?: "cat"
    val options =
        ProcessOptions {
            writeLimit = cell.carrier.bulk
            if (cell.carrier == Carrier.PTY) pty = PtySize(80, 24)
        }
    val process = startProcess("sh", "-c", CHILD_SCRIPT, "sh", THEIRS, "$signal", "$received", copying, options = options)
    closing {
        process.close()
        process.awaitExit()
    }
    return process.asConnection() to ChildPeer(process, signal, received)
}
