@file:JvmName("Bridge")

package dev.sluice.async

import dev.sluice.Connection
import dev.sluice.StreamReader
import kotlinx.coroutines.future.await
import java.util.function.Consumer

/** The handler as the server wants it. Its stage is cancelled with it. */
internal fun handling(handler: ConnectionHandler): suspend (Connection) -> Unit =
    { connection -> handler.handle(AsyncConnection(connection))?.await() }

internal suspend fun forEachLine(
    reader: StreamReader,
    action: Consumer<in String>,
) {
    while (true) action.accept(reader.readLine() ?: break)
}
