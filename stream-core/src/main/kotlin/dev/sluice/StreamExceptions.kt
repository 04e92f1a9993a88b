package dev.sluice

import kotlinx.coroutines.CopyableThrowable
import kotlinx.coroutines.ExperimentalCoroutinesApi
import java.io.IOException

/** The stream was closed or aborted by this side; an abort's cause is the cause. */
@OptIn(ExperimentalCoroutinesApi::class)
public class StreamClosedException
    @JvmOverloads
    constructor(
        message: String,
        cause: Throwable? = null,
    ) : IOException(message, cause),
        CopyableThrowable<StreamClosedException> {
        override fun createCopy(): StreamClosedException = StreamClosedException(messageOf(this), this)
    }

/** The peer, or the network between, ended the connection without an orderly end of the stream. */
@OptIn(ExperimentalCoroutinesApi::class)
public class ConnectionResetException
    @JvmOverloads
    constructor(
        message: String,
        cause: Throwable? = null,
    ) : IOException(message, cause),
        CopyableThrowable<ConnectionResetException> {
        override fun createCopy(): ConnectionResetException = ConnectionResetException(messageOf(this), this)
    }

/** More was written than the writer may hold. Nothing of the refused write was accepted; after `drain()` it can be repeated. */
@OptIn(ExperimentalCoroutinesApi::class)
public class WriteLimitException(
    message: String,
) : IOException(message),
    CopyableThrowable<WriteLimitException> {
    override fun createCopy(): WriteLimitException = WriteLimitException(messageOf(this)).causedBy(this)
}

/** After `close()` the peer took no byte for the whole `closeTimeout`; the connection was aborted and bytes were dropped. */
@OptIn(ExperimentalCoroutinesApi::class)
public class CloseTimeoutException(
    message: String,
) : IOException(message),
    CopyableThrowable<CloseTimeoutException> {
    override fun createCopy(): CloseTimeoutException = CloseTimeoutException(messageOf(this)).causedBy(this)
}

/** No byte went either way for the whole `idleTimeout`; the connection was closed. */
@OptIn(ExperimentalCoroutinesApi::class)
public class IdleTimeoutException(
    message: String,
) : IOException(message),
    CopyableThrowable<IdleTimeoutException> {
    override fun createCopy(): IdleTimeoutException = IdleTimeoutException(messageOf(this)).causedBy(this)
}
