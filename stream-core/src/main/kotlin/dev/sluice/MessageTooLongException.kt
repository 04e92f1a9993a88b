package dev.sluice

import kotlinx.coroutines.CopyableThrowable
import kotlinx.coroutines.ExperimentalCoroutinesApi
import java.io.IOException

/**
 * A message is longer than its codec allows. One that was to be sent was not; one that was received is still in the reader.
 *
 * @property length how many bytes it has, or if its end has not been found, how many at least
 * @property maxLength how many are allowed
 */
@OptIn(ExperimentalCoroutinesApi::class)
public class MessageTooLongException internal constructor(
    public val length: Long,
    public val maxLength: Long,
    message: String,
) : IOException(message),
    CopyableThrowable<MessageTooLongException> {
    public constructor(length: Long, maxLength: Long) :
        this(length, maxLength, "a message of ${length.toULong()} bytes is longer than the $maxLength that are allowed")

    override fun createCopy(): MessageTooLongException =
        MessageTooLongException(length, maxLength, messageOf(this)).causedBy(this)
}

/** Of one whose end was not found within the reader's limit. */
internal fun LimitOverrunException.asTooLong(): MessageTooLongException =
    MessageTooLongException(
        consumed.toLong(),
        limit.toLong(),
        "a message of $consumed bytes or more is longer than the $limit that are allowed",
    ).causedBy(this)
