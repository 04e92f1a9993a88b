package dev.sluice.net

import java.net.InetSocketAddress

/** How to come from an address to something connected. */
internal interface Connecting<T : Any> {
    /** Those of [addresses] that are worth trying. */
    fun reachable(addresses: List<InetSocketAddress>): List<InetSocketAddress>

    suspend fun connect(address: InetSocketAddress): T

    /** Closes what came too late to be of use. */
    fun discard(connected: T)
}
