package dev.sluice.net

import dev.sluice.Connection
import dev.sluice.ConnectionResetException
import dev.sluice.InfoKey
import dev.sluice.StreamClosedException
import org.slf4j.Logger

/** What a server does with a handler's failure unless told otherwise. That a client went away is no news. */
internal fun logHandlerFailure(
    connection: Connection?,
    failure: Throwable,
    logger: Logger = StreamServer.logger,
) {
    val peer = connection?.info?.get(InfoKey.PeerAddress)
    if (failure is ConnectionResetException || failure is StreamClosedException) {
        logger.debug("The handler of {} ended with its connection: {}", peer, failure.toString())
    } else {
        logger.error("The handler of {} failed", peer, failure)
    }
}
