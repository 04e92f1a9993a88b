package dev.sluice.net

import java.net.Inet4Address
import java.net.Inet6Address
import java.net.InetAddress

/** Which addresses of a host may be used. */
public enum class AddressFamily {
    ANY,
    IPV4,
    IPV6,
    ;

    internal fun has(address: InetAddress): Boolean =
        when (this) {
            ANY -> true
            IPV4 -> address is Inet4Address
            IPV6 -> address is Inet6Address
        }
}
