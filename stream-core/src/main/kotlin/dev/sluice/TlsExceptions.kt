package dev.sluice

import kotlinx.coroutines.CopyableThrowable
import kotlinx.coroutines.ExperimentalCoroutinesApi
import java.io.IOException

/** The TLS handshake did not end within the `handshakeTimeout`. */
@OptIn(ExperimentalCoroutinesApi::class)
public class TlsHandshakeTimeoutException(
    message: String,
) : IOException(message),
    CopyableThrowable<TlsHandshakeTimeoutException> {
    override fun createCopy(): TlsHandshakeTimeoutException = TlsHandshakeTimeoutException(messageOf(this)).causedBy(this)
}

/** The peer did not answer the end of the TLS session within the `shutdownTimeout`. */
@OptIn(ExperimentalCoroutinesApi::class)
public class TlsShutdownTimeoutException(
    message: String,
) : IOException(message),
    CopyableThrowable<TlsShutdownTimeoutException> {
    override fun createCopy(): TlsShutdownTimeoutException = TlsShutdownTimeoutException(messageOf(this)).causedBy(this)
}

/** The connection ended without TLS's own end mark: the data may have been cut short by somebody between. */
@OptIn(ExperimentalCoroutinesApi::class)
public class TlsTruncatedException(
    message: String,
) : IOException(message),
    CopyableThrowable<TlsTruncatedException> {
    override fun createCopy(): TlsTruncatedException = TlsTruncatedException(messageOf(this)).causedBy(this)
}
