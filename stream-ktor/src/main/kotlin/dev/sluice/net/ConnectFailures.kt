package dev.sluice.net

import java.io.IOException
import java.net.BindException
import java.net.ConnectException
import java.net.NoRouteToHostException
import java.net.SocketException
import java.net.UnknownHostException
import java.nio.channels.ClosedChannelException
import java.nio.channels.UnresolvedAddressException
import java.nio.channels.UnsupportedAddressTypeException

/**
 * What connecting to, or binding, [address] threw, with the address in the message, which the JDK leaves out. The class stays, so that
 * callers can go by it; what is no [IOException] becomes one.
 */
internal fun Throwable.about(address: String): Throwable {
    val text = "${message ?: javaClass.simpleName}: $address"
    val told: IOException =
        when (this) {
            is BindException -> BindException(text)

            is NoRouteToHostException -> NoRouteToHostException(text)

            is ConnectException -> ConnectException(text)

            is SocketException -> SocketException(text)

            is UnresolvedAddressException -> UnknownHostException("the address has not been resolved: $address")

            is UnsupportedAddressTypeException -> SocketException("this JVM can't use addresses of this kind: $address")

            // Ktor closes a channel that has been connected to itself.
            is ClosedChannelException -> ConnectException(connectedToItself(address))

            else -> return this
        }
    return told.also { it.initCause(this) }
}

internal fun connectedToItself(address: String): String =
    "Connection refused: $address (nobody listens there, the socket met itself)"
