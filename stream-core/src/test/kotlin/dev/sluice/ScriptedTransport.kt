package dev.sluice

import dev.sluice.transport.ByteSink
import dev.sluice.transport.ByteSource
import dev.sluice.transport.Transport

/** A transport whose output is a [ScriptedSink] and whose input is a [StreamFeed], and that counts its aborts. */
internal class ScriptedTransport(
    val sink: ScriptedSink = ScriptedSink(),
    val feed: StreamFeed = StreamFeed(),
    override val info: StreamInfo = StreamInfo.None,
) : Transport,
    ByteSource by feed,
    ByteSink by sink {
    @Volatile
    var aborts = 0
        private set

    override fun close() {
        feed.close()
        sink.close()
    }

    override fun abort() {
        aborts++
        close()
    }
}
