@file:JvmName("OpenConnection")

package dev.sluice.net

import dev.sluice.Connection
import java.net.InetSocketAddress

/**
 * Connects to [port] of [host], a name or an address, over TCP.
 *
 * ```kotlin
 * val (reader, writer) = openConnection("example.org", 80)
 * writer.write("HEAD / HTTP/1.0\r\nHost: example.org\r\n\r\n")
 * println(reader.readLine())
 * writer.close()
 * ```
 * A name is looked up off the event loop. Of several addresses the next is tried when one has not answered within
 * `happyEyeballsDelay`, or has failed; the first that answers wins, and the others are closed (RFC 8305).
 *
 * With `tls` the connection is there when the handshake is done; a failed one is final, no other address is tried.
 *
 * The connection lives on an event loop: that of the caller if it runs on one, else the next of `eventLoops`.
 *
 * **Cancel safety**: a cancelled call closes all that it opened.
 *
 * @throws java.net.UnknownHostException there is no such host, or it has no address of the wanted family
 * @throws java.net.ConnectException the only address refused
 * @throws dev.sluice.AllAddressesFailedException none of several addresses could be reached; it has the cause for each
 * @throws dev.sluice.ConnectTimeoutException looking up and connecting took longer than `connectTimeout`
 * @throws javax.net.ssl.SSLException the TLS handshake failed; the message says why
 * @throws dev.sluice.TlsHandshakeTimeoutException it took longer than its `handshakeTimeout`
 * @throws java.net.BindException the `localAddress` can't be used
 */
public suspend fun openConnection(
    host: String,
    port: Int,
    options: ConnectOptions = ConnectOptions.Default,
): Connection {
    require(host.isNotEmpty()) { "the host is empty" }
    require(port in 1..MAX_PORT) { "the port must be from 1 to $MAX_PORT, not $port" }
    val local = options.localAddress
    require(local == null || local is InetSocketAddress) { "localAddress must be an InetSocketAddress for TCP, not $local" }
    val limits = options.limits
    val loop = loopFrom(options.eventLoops)
    val channel = HostConnecting(host, port, options, TcpConnecting(loop, host, options)).connect()
    return limits.connect(channel, loop, peerHost = host).secured(options.tls)
}
