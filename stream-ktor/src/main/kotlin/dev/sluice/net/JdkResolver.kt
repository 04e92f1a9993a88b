package dev.sluice.net

import java.net.Inet6Address
import java.net.InetAddress

/** The JDK's own lookup, which has no limit of time and can't be interrupted. */
internal object JdkResolver : Resolver {
    private val lookups = BlockingLookups(InetAddress::getAllByName)

    override suspend fun resolve(host: String): List<InetAddress> = inOurOrder(lookups.resolve(host))

    /** The JDK puts IPv4 first unless told otherwise; who has not told it gets what RFC 8305 wants. */
    fun inOurOrder(addresses: List<InetAddress>): List<InetAddress> =
        if (System.getProperty("java.net.preferIPv6Addresses") != null) addresses else addresses.sortedBy { it !is Inet6Address }
}
