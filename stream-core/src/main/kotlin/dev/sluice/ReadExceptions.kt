package dev.sluice

import kotlinx.coroutines.CopyableThrowable
import kotlinx.coroutines.ExperimentalCoroutinesApi
import java.io.EOFException
import java.io.IOException

/**
 * The stream ended before the read was complete.
 *
 * @property partial the bytes that came before the end; they are no longer in the reader
 * @property expected how many bytes were asked for, or `null` when a separator was
 */
@OptIn(ExperimentalCoroutinesApi::class)
public class IncompleteReadException(
    public val partial: ByteArray,
    public val expected: Int? = null,
) : EOFException(incompleteRead(partial.size, expected)),
    CopyableThrowable<IncompleteReadException> {
    override fun createCopy(): IncompleteReadException = IncompleteReadException(partial, expected).causedBy(this)
}

private fun incompleteRead(
    got: Int,
    expected: Int?,
) = if (expected == null) {
    "the stream ended after $got bytes, before any separator"
} else {
    "the stream ended after $got of $expected bytes"
}

/**
 * A line or a part up to a separator is longer than the reader's limit. Nothing was consumed.
 *
 * The first [consumed] bytes hold no start of a separator. To have them, `readExactly(consumed)` and read on; to drop the
 * whole part, `skipUntil()`; to allow longer parts, raise the `limit` of the reader or of the options that made it. Catching
 * without one of the three meets the same exception again.
 *
 * @property consumed how many bytes can be taken before the separator, or before the place where one may begin
 * @property limit the reader's limit
 */
@OptIn(ExperimentalCoroutinesApi::class)
public class LimitOverrunException internal constructor(
    public val consumed: Int,
    public val limit: Int,
    message: String,
) : IOException(message),
    CopyableThrowable<LimitOverrunException> {
    public constructor(consumed: Int, limit: Int) : this(
        consumed,
        limit,
        "$consumed bytes without a separator are more than the limit of $limit; take them with readExactly($consumed), " +
            "drop the part with skipUntil() and the same separators, or raise the limit",
    )

    override fun createCopy(): LimitOverrunException = LimitOverrunException(consumed, limit, messageOf(this)).causedBy(this)
}
