package dev.sluice.testing

import dev.sluice.DEFAULT_LIMIT
import dev.sluice.StreamReader
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import java.lang.reflect.Array.get
import java.lang.reflect.Array.getLength

/**
 * Checks that what is read from a stream does not depend on the pieces in which it arrives: [read] has [input] whole, byte by byte, and in two
 * pieces for each place where it can be cut, and has to give the same result, or fail in the same way, each time.
 *
 * ```kotlin
 * checkChunkingInvariant("a\r\nb\n") { reader -> reader.lines().toList() }
 * ```
 * Results are compared by `equals`, arrays and collections by what they contain, and failures by their class.
 *
 * @param limit the reader's
 * @return the result
 * @throws AssertionError a result differs; the message says where the input was cut
 */
public suspend fun <R> checkChunkingInvariant(
    input: ByteArray,
    limit: Int = DEFAULT_LIMIT,
    read: suspend (StreamReader) -> R,
): R {
    val whole = Outcome.of { read(StreamReader(PiecedSource(input, input.size, 1), limit)) }

    suspend fun compare(
        how: String,
        source: PiecedSource,
    ) {
        val other = Outcome.of { read(StreamReader(source, limit)) }
        if (other.what != whole.what) {
            throw AssertionError(
                "the same ${input.size} bytes gave\n  $whole whole, and\n  $other $how",
            ).apply { initCause(other.failure ?: whole.failure) }
        }
    }
    compare("byte by byte", PiecedSource(input, 1, 1))
    for (cut in 1 until input.size) compare("cut before byte $cut", PiecedSource(input, cut, input.size))
    return whole.get()
}

/** The same with the bytes of [input] in UTF-8. */
public suspend fun <R> checkChunkingInvariant(
    input: String,
    limit: Int = DEFAULT_LIMIT,
    read: suspend (StreamReader) -> R,
): R = checkChunkingInvariant(input.toByteArray(), limit, read)

private class Outcome<R>(
    private val result: R?,
    val failure: Throwable?,
) {
    /** Equal for equal outcomes. What a failure says may be about the bytes that had come. */
    val what: Any? = if (failure == null) comparable(result) else failure.javaClass

    @Suppress("UNCHECKED_CAST")
    fun get(): R = if (failure == null) result as R else throw failure

    override fun toString(): String = "${failure ?: what}"

    companion object {
        suspend fun <R> of(read: suspend () -> R): Outcome<R> =
            try {
                Outcome(read(), null)
            } catch (e: Exception) {
                currentCoroutineContext().ensureActive()
                // Whatever a parser throws is what it makes of this input.
                Outcome(null, e)
            }

        private fun comparable(value: Any?): Any? =
            when {
                value is ByteArray -> Quoted(value)
                value is Set<*> -> value.mapTo(HashSet(), ::comparable)
                value is Collection<*> -> value.map(::comparable)
                value is Map<*, *> -> value.entries.associate { comparable(it.key) to comparable(it.value) }
                value is Pair<*, *> -> comparable(value.first) to comparable(value.second)
                value != null && value.javaClass.isArray -> List(getLength(value)) { comparable(get(value, it)) }
                else -> value
            }
    }
}
