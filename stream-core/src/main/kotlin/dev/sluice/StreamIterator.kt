package dev.sluice

/**
 * Goes through the lines of a [StreamReader]. It keeps nothing of its own: a loop that is left, by `break`, a cancellation
 * or an exception, leaves every line it has not delivered in the reader.
 */
public class StreamIterator internal constructor(
    private val reader: StreamReader,
) {
    /** Whether there is another line, waiting for it if need be. */
    public suspend operator fun hasNext(): Boolean = reader.awaitLine()

    /** The line that [hasNext] has seen, with its `"\n"`. */
    public operator fun next(): ByteArray = reader.takeAwaitedLine()
}
