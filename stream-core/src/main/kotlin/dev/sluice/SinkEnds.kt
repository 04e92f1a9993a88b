package dev.sluice

import dev.sluice.transport.ByteSink
import dev.sluice.transport.LoopTransport
import dev.sluice.transport.Transport

/** After everything was written: releases the sink in order, and with it the connection that it may be a half of. */
internal suspend fun ByteSink.finish() {
    if (this is LoopTransport) closeAndRelease() else close()
}

/** Releases the sink, or the connection, at once. */
internal fun ByteSink.giveUp() {
    if (this is Transport) abort() else close()
}
