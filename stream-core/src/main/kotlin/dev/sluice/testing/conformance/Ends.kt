package dev.sluice.testing.conformance

import dev.sluice.transport.Transport

/** Ends the transports that a check has made, the second even if the first can't be ended. */
internal class Ends(
    private val rule: String,
) {
    private val transports = mutableListOf<Transport>()

    fun made(vararg made: Transport) {
        synchronized(transports) { transports += made }
    }

    fun end() {
        val failures = synchronized(transports) { transports.toList() }.mapNotNull(::endOf)
        failures.firstOrNull()?.let {
            violated(QUIET_END, "the pair of the rule \"$rule\" to be ended", "$it", it)
        }
    }

    private fun endOf(transport: Transport): Throwable? {
        val aborted = runCatching { transport.abort() }
        val closed = runCatching { transport.close() }
        return aborted.exceptionOrNull() ?: closed.exceptionOrNull()
    }
}
