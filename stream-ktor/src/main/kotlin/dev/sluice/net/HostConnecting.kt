package dev.sluice.net

import dev.sluice.ConnectTimeoutException
import java.net.InetSocketAddress

/** Finds the addresses of a host and connects to one of them, all within the `connectTimeout`. */
internal class HostConnecting<T : Any>(
    private val host: String,
    private val port: Int,
    private val options: ConnectOptions,
    private val way: Connecting<T>,
) {
    private var addresses = emptyList<InetSocketAddress>()
    private var race: AddressRace<T>? = null

    suspend fun connect(): T = connectWithin(options.connectTimeout, way::discard) { findAndRace() } ?: throw timedOut()

    private suspend fun findAndRace(): T {
        val found = interleaved(addressesOf(host, options.family, options.resolver), options.interleave)
        addresses = way.reachable(found.map { InetSocketAddress(it, port) })
        return AddressRace(addresses, options.happyEyeballsDelay, way::connect, way::discard).also { race = it }.run()
    }

    private fun timedOut(): ConnectTimeoutException {
        val tried = addresses.take(race?.begun ?: 0)
        val what = if (tried.isEmpty()) "its addresses were not found in time" else "tried ${tried.joinToString()}"
        return ConnectTimeoutException("no connection to $host:$port within ${options.connectTimeout}; $what")
            .apply { race?.failures?.forEach(::addSuppressed) }
    }
}
