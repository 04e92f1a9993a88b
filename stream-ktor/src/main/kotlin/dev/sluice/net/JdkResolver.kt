package dev.sluice.net

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import java.net.Inet6Address
import java.net.InetAddress

/**
 * The JDK's own lookup. It blocks, and nothing can interrupt it: so it runs on threads apart, a bounded number of them, and a caller who is
 * cancelled goes on while the lookup runs out.
 */
internal object JdkResolver : Resolver {
    private const val MOST_THREADS = 16

    @OptIn(ExperimentalCoroutinesApi::class)
    private val lookups = CoroutineScope(Dispatchers.IO.limitedParallelism(MOST_THREADS, "sluice-lookup"))

    override suspend fun resolve(host: String): List<InetAddress> =
        inOurOrder(lookups.async { InetAddress.getAllByName(host).toList() }.await())

    /** The JDK puts IPv4 first unless told otherwise; who has not told it gets what RFC 8305 wants. */
    fun inOurOrder(addresses: List<InetAddress>): List<InetAddress> =
        if (System.getProperty("java.net.preferIPv6Addresses") != null) addresses else addresses.sortedBy { it !is Inet6Address }
}
