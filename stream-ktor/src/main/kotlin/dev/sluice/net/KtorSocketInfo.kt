package dev.sluice.net

import dev.sluice.InfoKey
import dev.sluice.StreamInfo
import io.ktor.network.sockets.Socket
import io.ktor.network.sockets.toJavaAddress
import java.net.SocketAddress

/** What a Ktor socket tells of itself where it has no channel to ask; asked once, for a closed one has no addresses. */
internal class KtorSocketInfo(
    socket: Socket,
) : StreamInfo {
    private val peer: SocketAddress = socket.remoteAddress.toJavaAddress()
    private val local: SocketAddress = socket.localAddress.toJavaAddress()

    @Suppress("UNCHECKED_CAST")
    override fun <T : Any> get(key: InfoKey<T>): T? =
        when (key) {
            InfoKey.PeerAddress -> peer as T
            InfoKey.LocalAddress -> local as T
            else -> null
        }

    override fun toString(): String = "peer=$peer, local=$local"
}
