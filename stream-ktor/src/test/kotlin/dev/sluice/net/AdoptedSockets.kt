package dev.sluice.net

import dev.sluice.Connection
import io.ktor.network.selector.SelectorManager
import io.ktor.network.sockets.InetSocketAddress
import io.ktor.network.sockets.Socket
import io.ktor.network.sockets.aSocket
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket as PeerSocket

/** Hides the socket's own channel, so that only its byte channels are left. */
internal class WrappedSocket(
    inner: Socket,
) : Socket by inner

/** The ways in which a Ktor socket can become a connection. */
internal enum class Adoption(
    val onLoop: Boolean,
    val wrapped: Boolean,
) {
    ON_KTORS_SELECTOR(onLoop = false, wrapped = false),
    ON_AN_EVENT_LOOP(onLoop = true, wrapped = false),
    WRAPPED_ON_KTORS_SELECTOR(onLoop = false, wrapped = true),
    WRAPPED_ON_AN_EVENT_LOOP(onLoop = true, wrapped = true),
    ;

    suspend fun adopt(
        socket: Socket,
        selector: SelectorManager,
    ): Connection {
        val adopted = if (wrapped) WrappedSocket(socket) else socket
        return if (selector is EventLoop) withContext(selector) { adopted.asConnection() } else adopted.asConnection()
    }

    /** Nothing of what is made on the selector may be left when [use] has returned. */
    suspend fun withSelector(use: suspend (SelectorManager) -> Unit): Unit =
        leavingNothing {
            if (onLoop) {
                EventLoops(1, "adopting").use { use(it.next()) }
            } else {
                SelectorManager(Dispatchers.IO).use { use(it) }
            }
        }
}

/** A Ktor socket that was adopted, and the one at the other end, a plain one. */
internal class AdoptedSocket(
    val selector: SelectorManager,
    val socket: Socket,
    val connection: Connection,
    val peer: PeerSocket,
)

internal suspend fun Adoption.withAdopted(use: suspend (AdoptedSocket) -> Unit): Unit =
    withSelector { selector ->
        withPlainPeer(selector) { socket, peer ->
            val connection = adopt(socket, selector)
            try {
                use(AdoptedSocket(selector, socket, connection, peer))
            } finally {
                connection.abort()
            }
        }
    }

internal suspend fun withPlainPeer(
    selector: SelectorManager,
    use: suspend (Socket, PeerSocket) -> Unit,
) {
    ServerSocket(0, 1, InetAddress.getByName("127.0.0.1")).use { listener ->
        val socket = aSocket(selector).tcp().connect(InetSocketAddress("127.0.0.1", listener.localPort))
        socket.use { listener.accept().use { peer -> use(socket, peer.apply { soTimeout = 30_000 }) } }
    }
}

/** Two Ktor sockets that are connected to each other. */
internal suspend fun ktorPair(selector: SelectorManager): Pair<Socket, Socket> =
    aSocket(selector).tcp().bind("127.0.0.1", 0).use { server ->
        val left = aSocket(selector).tcp().connect(server.localAddress)
        left to server.accept()
    }
