package dev.sluice.net

import dev.sluice.ConnectTimeoutException
import kotlinx.coroutines.withTimeoutOrNull
import java.net.InetSocketAddress
import java.nio.channels.SocketChannel

/** Finds the addresses of a host and connects to one of them, all within the `connectTimeout`. */
internal class HostConnecting(
    private val host: String,
    private val port: Int,
    private val options: ConnectOptions,
    loop: EventLoop,
) {
    private val tcp = TcpConnecting(loop, host, options)
    private var addresses = emptyList<InetSocketAddress>()
    private var race: AddressRace<SocketChannel>? = null

    suspend fun connect(): SocketChannel {
        var connected: SocketChannel? = null
        try {
            withTimeoutOrNull(options.connectTimeout) { connected = findAndRace() }
        } catch (e: Throwable) {
            connected?.let(tcp::discard)
            throw e
        }
        // What has come about in the last moment counts.
        return connected ?: throw timedOut()
    }

    private suspend fun findAndRace(): SocketChannel {
        val found = interleaved(addressesOf(host, options.family, options.resolver), options.interleave)
        addresses = tcp.reachable(found.map { InetSocketAddress(it, port) })
        return AddressRace(addresses, options.happyEyeballsDelay, tcp::connect, tcp::discard).also { race = it }.run()
    }

    private fun timedOut(): ConnectTimeoutException {
        val tried = addresses.take(race?.begun ?: 0)
        val what = if (tried.isEmpty()) "its addresses were not found in time" else "tried ${tried.joinToString()}"
        return ConnectTimeoutException("no connection to $host:$port within ${options.connectTimeout}; $what")
            .apply { race?.failures?.forEach(::addSuppressed) }
    }
}
