package dev.sluice.net

import java.net.Inet4Address
import java.net.InetAddress

/**
 * The order in which addresses are tried: the first one's family leads by [count] of them, then both families take turns; the order inside
 * a family stays. With a [count] of 0 everything stays.
 */
internal fun interleaved(
    addresses: List<InetAddress>,
    count: Int,
): List<InetAddress> {
    if (count == 0 || addresses.isEmpty()) return addresses
    val (first, other) = addresses.partition { (it is Inet4Address) == (addresses[0] is Inet4Address) }
    val inTurn = ArrayList<InetAddress>(addresses.size)
    // The last of those that lead is the first turn.
    inTurn += first.take(count - 1)
    val rest = first.drop(count - 1)
    for (i in 0 until maxOf(rest.size, other.size)) {
        rest.getOrNull(i)?.let(inTurn::add)
        other.getOrNull(i)?.let(inTurn::add)
    }
    return inTurn
}
