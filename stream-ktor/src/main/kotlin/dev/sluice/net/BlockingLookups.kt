package dev.sluice.net

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import java.net.InetAddress

/**
 * Lookups that block and that nothing can interrupt: so they run on threads apart, [MOST_THREADS] of them, and a caller who is
 * cancelled goes on while the lookup runs out. One that has not begun by then never does.
 */
internal class BlockingLookups(
    private val lookUp: (String) -> Array<InetAddress>,
) : Resolver {
    // A supervisor's: an unknown host is no reason to end the lookups of others.
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.IO.limitedParallelism(MOST_THREADS, "sluice-lookup"))

    override suspend fun resolve(host: String): List<InetAddress> {
        val lookup = scope.async { lookUp(host).asList() }
        try {
            return lookup.await()
        } finally {
            lookup.cancel()
        }
    }

    internal companion object {
        const val MOST_THREADS = 16
    }
}
