package dev.sluice.net

import java.net.InetAddress
import java.net.InetSocketAddress

/** [digits] as an address, named by nothing. */
internal fun ip(digits: String): InetAddress = InetAddress.getByName(digits)

/** So many addresses, at which nobody is ever asked: they are for documentation. */
internal fun addresses(count: Int): List<InetSocketAddress> = List(count) { InetSocketAddress(ip("192.0.2.${it + 1}"), 80) }

/** Knows [hosts] and keeps what it was asked for. */
internal class KnownHosts(
    private val hosts: Map<String, List<InetAddress>>,
) : Resolver {
    val asked = ArrayList<String>()

    constructor(vararg found: String) : this(mapOf("db" to found.map(::ip)))

    override suspend fun resolve(host: String): List<InetAddress> {
        asked += host
        return hosts[host].orEmpty()
    }
}
