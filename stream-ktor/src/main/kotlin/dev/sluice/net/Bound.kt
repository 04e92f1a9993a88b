package dev.sluice.net

import java.nio.channels.ServerSocketChannel

/** What a server is to listen on, and the socket file that it is to remove in the end. */
internal class Bound(
    val channels: List<ServerSocketChannel>,
    val file: SocketFile? = null,
) {
    /** For a server that does not come about. */
    fun discard(loop: EventLoop) {
        file?.deleteIfOurs()
        channels.forEach(ServerSocketChannel::close)
        loop.releaseClosed()
    }
}
