@file:JvmName("Bridge")

package dev.sluice.async

import dev.sluice.Codec
import dev.sluice.Connection
import dev.sluice.StreamReader
import dev.sluice.StreamWriter
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.future.await
import kotlinx.coroutines.withContext
import java.util.function.Consumer

/** The handler as the server wants it. Its stage is cancelled with it. */
internal fun handling(handler: ConnectionHandler): suspend (Connection) -> Unit =
    { connection -> handler.handle(AsyncConnection(connection))?.await() }

internal fun <T : Any> codec(codec: AsyncCodec<T>): Codec<T> =
    object : Codec<T> {
        override fun encode(
            message: T,
            writer: StreamWriter,
        ): Unit = codec.encode(message, AsyncStreamWriter(writer))

        override suspend fun decode(reader: StreamReader): T? {
            val reads = LentTurns()
            try {
                return codec.decode(AsyncStreamReader(reader, reads)).await()
            } finally {
                // A stage that was cancelled does not cancel the read that it waits for.
                reads.takeBack()?.let { withContext(NonCancellable) { it.await() } }
            }
        }

        override fun toString(): String = codec.toString()
    }

internal suspend fun forEachLine(
    reader: StreamReader,
    action: Consumer<in String>,
) {
    while (true) action.accept(reader.readLine() ?: break)
}
