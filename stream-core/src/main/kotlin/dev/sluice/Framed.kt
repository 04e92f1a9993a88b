@file:JvmName("Framing")

package dev.sluice

import kotlinx.coroutines.flow.Flow

/**
 * This connection as one of messages.
 *
 * ```kotlin
 * val messages = connection.framed(LengthPrefixed(width = 4, maxLength = 1 shl 20))
 * messages.send("ping".toByteArray())
 * val answer = messages.receive()
 * ```
 * The connection stays usable: what no message was made of is in its reader.
 */
public fun <T> Connection.framed(codec: Codec<T>): Framed<T> = Framed(this, codec)

/**
 * A [connection] of messages. Any number of coroutines may send; one at a time receives.
 */
public class Framed<T> internal constructor(
    public val connection: Connection,
    private val codec: Codec<T>,
) : AutoCloseable {
    /**
     * Writes [message] and drains. Of several senders to a connection each writes its message whole, however long it is: they wait while the
     * writer's limit is [pending][StreamWriter.pending].
     *
     * **Cancel safety**: a cancelled call has written the whole message, or nothing of it.
     *
     * @throws MessageTooLongException it is longer than the codec allows; nothing was sent
     */
    public suspend fun send(message: T) {
        ensureCallerIsActive()
        val writer = connection.writer
        while (!writer.writeWholeIfRoom { codec.encode(message, writer) }) writer.drain()
        writer.drain()
    }

    /**
     * The next message; `null` at the end of the stream.
     *
     * **Cancel safety**: a cancelled call, and one that throws, has taken nothing.
     *
     * @throws MessageTooLongException it is longer than the codec allows, or than the reader's limit
     * @throws IncompleteReadException the stream ended within a message
     */
    public suspend fun receive(): T? = connection.reader.receive(codec)

    /** All further messages, each received when it is asked for. */
    public fun messages(): Flow<T> =
        TakingFlow {
            while (true) {
                emit(receive() ?: break)
            }
        }

    /** Closes the connection, after what was sent. */
    override fun close(): Unit = connection.close()

    override fun toString(): String = "Framed($codec, $connection)"
}
