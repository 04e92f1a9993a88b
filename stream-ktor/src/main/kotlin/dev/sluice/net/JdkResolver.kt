package dev.sluice.net

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import java.net.Inet6Address
import java.net.InetAddress

/**
 * The JDK's own lookup. It blocks, and nothing can interrupt it: so it runs on threads apart, a bounded number of them, and a caller who is
 * cancelled goes on while the lookup runs out.
 */
internal class JdkResolver(
    private val lookUp: (String) -> Array<InetAddress>,
) : Resolver {
    /** Supervised: a host that is not found must not end the lookups of others. */
    @OptIn(ExperimentalCoroutinesApi::class)
    private val lookups = CoroutineScope(SupervisorJob() + Dispatchers.IO.limitedParallelism(MOST_THREADS, "sluice-lookup"))

    override suspend fun resolve(host: String): List<InetAddress> {
        val found = lookups.async { lookUp(host).toList() }
        return try {
            inOurOrder(found.await(), System.getProperty("java.net.preferIPv6Addresses"))
        } finally {
            // One that still waits for a thread is no longer wanted.
            found.cancel()
        }
    }

    companion object {
        const val MOST_THREADS = 16

        val Default = JdkResolver { InetAddress.getAllByName(it) }

        /**
         * The JDK puts IPv4 first unless told otherwise by `java.net.preferIPv6Addresses`; who has not told it gets what RFC 8305
         * wants.
         */
        fun inOurOrder(
            addresses: List<InetAddress>,
            preferIpv6: String?,
        ): List<InetAddress> = if (preferIpv6 != null) addresses else addresses.sortedBy { it !is Inet6Address }
    }
}
