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
public class MessageTooLongException
    @JvmOverloads
    constructor(
        public val length: Long,
        public val maxLength: Long,
        cause: Throwable? = null,
    ) : IOException(
            "a message of ${length.toULong()} bytes${if (cause == null) "" else " or more"} is longer than the $maxLength that are allowed",
            cause,
        ),
        CopyableThrowable<MessageTooLongException> {
        override fun createCopy(): MessageTooLongException = MessageTooLongException(length, maxLength, cause).causedBy(this)
    }
