package dev.sluice.net

import dev.sluice.Connection
import dev.sluice.ConnectionResetException
import dev.sluice.StreamClosedException
import org.slf4j.Logger
import java.io.IOException

/**
 * What a server does with a handler's failure unless told otherwise. That a client went away is no news, and on the open network neither is
 * one that can't do TLS.
 */
internal fun logHandlerFailure(
    connection: Connection?,
    failure: Throwable,
    logger: Logger = StreamServer.logger,
) {
    when {
        connection == null && failure is IOException -> logger.debug("A client could not be served: {}", failure.message)
        connection == null -> logger.error("A client could not be served", failure)
        isItsEnd(connection, failure) -> logger.debug("A handler ended with its connection: {}", failure.toString())
        else -> logger.error("The handler of a connection failed ({})", connection.info, failure)
    }
}

/** Of another connection that the handler uses, while its own goes on, the loss is a failure like others. */
private fun isItsEnd(
    connection: Connection,
    failure: Throwable,
): Boolean = (failure is ConnectionResetException || failure is StreamClosedException) && connection.writer.isClosing
