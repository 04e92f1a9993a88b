package dev.sluice.net

import java.nio.channels.SelectionKey

/** What a channel's key on an [EventLoop] has attached: who is told, on the loop's thread, what the channel is ready for. */
internal interface ReadyHandler {
    /** The channel is ready for what [key] says. [java.nio.channels.CancelledKeyException] may be thrown and means nothing. */
    fun ready(key: SelectionKey)

    /** The loop has ended: nobody will be told anything any more. */
    fun loopClosed()
}
