package dev.sluice.net

import dev.sluice.Connection
import dev.sluice.ConnectionResetException
import dev.sluice.InfoKey
import dev.sluice.StreamClosedException

/** What a server does with a handler's failure unless told otherwise. That a client went away is no news. */
internal fun logHandlerFailure(
    connection: Connection?,
    failure: Throwable,
) {
    val peer = connection?.info?.get(InfoKey.PeerAddress)
    if (failure is ConnectionResetException || failure is StreamClosedException) {
        StreamServer.logger.debug("The handler of {} ended with its connection: {}", peer, failure.toString())
    } else {
        StreamServer.logger.error("The handler of {} failed", peer, failure)
    }
}
