package dev.sluice

import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.FlowCollector

/**
 * A flow of what its [block] takes from a stream. Unlike one made by `flow`, it does not look for a cancellation when it
 * emits: what was taken is delivered, and the next step hears of the cancellation.
 */
internal class TakingFlow<T>(
    private val block: suspend FlowCollector<T>.() -> Unit,
) : Flow<T> {
    override suspend fun collect(collector: FlowCollector<T>): Unit = collector.block()
}
