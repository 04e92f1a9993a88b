@file:JvmName("StartServer")

package dev.sluice.net

import dev.sluice.Connection
import dev.sluice.StreamClosedException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.nio.channels.ServerSocketChannel

/**
 * Listens on [port] of [host], a name or an address of this machine, and runs [handler] for each client.
 *
 * ```kotlin
 * val server = startServer("127.0.0.1", 8080) { (reader, writer) ->
 *     while (true) {
 *         writer.write((reader.readLine() ?: break) + "\n")
 *         writer.drain()
 *     }
 * }
 * ```
 * A [host] of `null` is every interface, over IPv6 and IPv4 on one port; `"0.0.0.0"` is IPv4 alone, `"::"` both, because the JDK can't
 * keep IPv4 out of it. A [port] of 0 lets the system choose one, see [StreamServer.addresses].
 *
 * Handlers run on an event loop unless `context` says otherwise, and must not block it.
 *
 * @throws java.net.BindException an address is in use, or is not of this machine; nothing is bound then
 * @throws java.net.UnknownHostException there is no such host, or it has no address of the wanted family
 * @throws UnsupportedOperationException the system has no `reusePort`
 * @throws StreamClosedException the `eventLoops` are closed
 */
public suspend fun startServer(
    host: String?,
    port: Int,
    options: ServerOptions = ServerOptions.Default,
    handler: suspend (Connection) -> Unit,
): StreamServer = startOnHosts(listOf(host), port, options, handler)

/**
 * Listens on one [port] of several [hosts]; a port of 0 is the same free one for all of them. An address that comes twice is bound once.
 *
 * @throws IllegalArgumentException there are no hosts
 */
public suspend fun startServer(
    hosts: List<String>,
    port: Int,
    options: ServerOptions = ServerOptions.Default,
    handler: suspend (Connection) -> Unit,
): StreamServer {
    require(hosts.isNotEmpty()) { "a server needs a host to listen on; null is every interface" }
    return startOnHosts(hosts, port, options, handler)
}

/**
 * Serves a [channel] that is bound already, TCP or Unix; it belongs to the server from now on. Clients that wait in its backlog are served.
 * Of [options] those on binding have nothing left to do.
 *
 * @throws IllegalArgumentException the channel is not bound; it is as it was
 * @throws IllegalStateException a selector, or another server, uses the channel; it goes on doing so
 * @throws StreamClosedException the channel, or the group of event loops, is closed
 */
public suspend fun startServer(
    channel: ServerSocketChannel,
    options: ServerOptions = ServerOptions.Default,
    handler: suspend (Connection) -> Unit,
): StreamServer {
    channel.checkFree()
    val address = requireNotNull(channel.localAddress) { "$channel is not bound" }
    val cleansUp = address.isUnix && options.cleanupSocket
    return startOn(options, handler) {
        val file = if (cleansUp) withContext(Dispatchers.IO) { SocketFile.of(address) } else null
        check(Adopted.add(channel)) { "$channel is in use: another server listens on it" }
        Bound(listOf(channel.apply { configureBlocking(false) }), file)
    }
}

private suspend fun startOnHosts(
    hosts: List<String?>,
    port: Int,
    options: ServerOptions,
    handler: suspend (Connection) -> Unit,
): StreamServer {
    require(port in 0..MAX_PORT) { "the port must be from 0 to $MAX_PORT, not $port" }
    require("" !in hosts) { "the host is empty; null is every interface" }
    return startOn(options, handler) { loop -> Bound(Binding(loop, options).bindAll(hosts, port)) }
}

internal suspend fun startOn(
    options: ServerOptions,
    handler: suspend (Connection) -> Unit,
    bind: suspend (EventLoop) -> Bound,
): StreamServer {
    val group = options.eventLoops ?: EventLoops.default
    val loop = loopFrom(group)
    // The group may be about to close, with its loops still at work.
    if (!group.job.isActive) throw StreamClosedException("$group was closed")
    val bound = bind(loop)
    val server =
        try {
            StreamServer(bound.channels.map { Listener(it, loop) }, group, options, bound.file, handler)
        } catch (e: Throwable) {
            bound.discard(loop)
            throw e
        }
    if (options.startServing) server.startServing()
    return server
}

internal const val MAX_PORT: Int = 65535
