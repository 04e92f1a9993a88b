package dev.sluice

/**
 * How messages are written to a stream and found in it again; [framed] makes a connection of messages of it.
 *
 * ```kotlin
 * object Pairs : Codec<Pair<Int, Int>> {
 *     override fun encode(message: Pair<Int, Int>, writer: StreamWriter) = writer.write("${message.first} ${message.second}\n")
 *
 *     override suspend fun decode(reader: StreamReader): Pair<Int, Int>? =
 *         reader.readLine()?.split(' ')?.let { (a, b) -> a.toInt() to b.toInt() }
 * }
 * ```
 * A codec that is used by several connections is called by several threads.
 */
public interface Codec<T> {
    /** Writes the whole of [message]; what it throws before it has written anything leaves the stream as it was. */
    public fun encode(
        message: T,
        writer: StreamWriter,
    )

    /**
     * Reads one message; `null` at the end of the stream. A message that is cut off by the end is an [IncompleteReadException], one that is
     * too long a [MessageTooLongException]. What was read is kept until this returns, and given back if it throws or is cancelled.
     */
    public suspend fun decode(reader: StreamReader): T?
}
