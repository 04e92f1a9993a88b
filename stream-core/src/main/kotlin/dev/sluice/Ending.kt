package dev.sluice

import dev.sluice.transport.ByteSink
import dev.sluice.transport.LoopTransport
import dev.sluice.transport.Transport

/** What the end of a writer means for what lies below it. */
internal interface Ending {
    /** The writer was closed or aborted: nobody reads on. */
    fun endInput()

    /** Everything was written: releases what lies below, in order. */
    suspend fun finish()

    /** Releases what lies below at once. */
    fun abort()
}

/** A writer on a sink of its own: there is no input, and closing is the sink's. */
internal class SinkEnding(
    private val sink: ByteSink,
) : Ending {
    override fun endInput(): Unit = Unit

    override suspend fun finish(): Unit = sink.close()

    override fun abort(): Unit = (sink as? Transport)?.abort() ?: sink.close()
}

/** The writer's end is the connection's. */
internal class TransportEnding(
    private val transport: Transport,
    private val reader: StreamReader,
) : Ending {
    override fun endInput() {
        reader.shut()
    }

    override suspend fun finish() {
        if (transport is LoopTransport) transport.closeAndRelease() else transport.close()
    }

    override fun abort(): Unit = transport.abort()
}
