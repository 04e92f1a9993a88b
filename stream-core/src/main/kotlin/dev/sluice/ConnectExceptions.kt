package dev.sluice

import kotlinx.coroutines.CopyableThrowable
import kotlinx.coroutines.ExperimentalCoroutinesApi
import java.io.IOException
import java.net.ConnectException

/** No connection came about within the `connectTimeout`. */
@OptIn(ExperimentalCoroutinesApi::class)
public class ConnectTimeoutException
    @JvmOverloads
    constructor(
        message: String,
        cause: Throwable? = null,
    ) : IOException(message, cause),
        CopyableThrowable<ConnectTimeoutException> {
        override fun createCopy(): ConnectTimeoutException = ConnectTimeoutException(messageOf(this), this)
    }

/**
 * Every address of a host was tried and failed.
 *
 * @property causes what went wrong, one exception for each address, in the order in which they were tried
 */
@OptIn(ExperimentalCoroutinesApi::class)
public class AllAddressesFailedException(
    message: String,
    public val causes: List<IOException>,
) : ConnectException(message),
    CopyableThrowable<AllAddressesFailedException> {
    init {
        require(causes.isNotEmpty()) { "an address that failed has a cause" }
        causes.forEach(::addSuppressed)
    }

    override fun createCopy(): AllAddressesFailedException = AllAddressesFailedException(messageOf(this), causes).causedBy(this)
}
