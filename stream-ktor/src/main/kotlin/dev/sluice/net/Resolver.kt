package dev.sluice.net

import java.net.InetAddress

/**
 * Finds the addresses of a host's name, in the order in which they are to be tried. It may suspend, and must not block.
 *
 * ```kotlin
 * ConnectOptions { resolver = Resolver { name -> ourDirectory.lookUp(name) } }
 * ```
 * It is asked for everything that is not an IPv4 address of four decimal parts or an IPv6 address, so also for old spellings as `127.1` and
 * `0177.0.0.1`, on which systems disagree. A list of hosts that may be connected to is therefore to be checked against the
 * address that was found ([dev.sluice.InfoKey.PeerAddress]), not against the text.
 *
 * The default is the JDK's own resolver, on a thread that may block, IPv6 first unless the system property
 * `java.net.preferIPv6Addresses` is set. It asks for both kinds of addresses and answers when it has both.
 */
public fun interface Resolver {
    /** @throws java.net.UnknownHostException there is no such host */
    public suspend fun resolve(host: String): List<InetAddress>
}
