package dev.sluice.net

import java.nio.channels.SocketChannel

/** Where clients come from: a [Listener]. */
internal interface ClientSource {
    /** Returns when there is something to [accept], and throws when there will never be. */
    suspend fun awaitClient()

    /** Null if nobody waits. */
    fun accept(): SocketChannel?
}
