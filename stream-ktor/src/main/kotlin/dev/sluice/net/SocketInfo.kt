package dev.sluice.net

import dev.sluice.InfoKey
import dev.sluice.StreamInfo
import dev.sluice.transport.OpenedAt
import java.net.SocketAddress
import java.nio.channels.SocketChannel

/**
 * What is known of a connected channel. Addresses are asked for once, when the connection is made: a closed channel has none.
 *
 * It is a supertype of what drives the channel, so that one of many idle connections has an object less.
 *
 * @param peerHost the host as the caller named it
 * @param isAccepted whether this is the side that was connected to
 * @param openedAt where it was opened, if that was noted
 */
internal abstract class SocketInfo(
    val channel: SocketChannel,
    private val peerHost: String? = null,
    private val isAccepted: Boolean = false,
    private val openedAt: OpenedAt? = null,
) : IdleEntry(),
    StreamInfo {
    private val peer: SocketAddress? = channel.remoteAddress
    private val local: SocketAddress? = channel.localAddress

    @Suppress("UNCHECKED_CAST")
    override fun <T : Any> get(key: InfoKey<T>): T? =
        when (key) {
            InfoKey.PeerAddress -> peer as T?
            InfoKey.LocalAddress -> local as T?
            InfoKey.Channel -> channel as T
            InfoKey.PeerHost -> peerHost as T?
            InfoKey.Accepted -> isAccepted as T
            InfoKey.OpenedAt -> openedAt as T?
            else -> null
        }

    /** For messages. A Unix socket that has no name on one side has it on the other. */
    val connection: String
        get() =
            when {
                peer == null || peer.toString().isEmpty() -> "the connection at $local"
                else -> "the connection to $peer"
            }

    override fun toString(): String = "peer=$peer, local=$local"
}
