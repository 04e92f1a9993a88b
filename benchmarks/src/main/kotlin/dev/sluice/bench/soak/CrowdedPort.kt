package dev.sluice.bench.soak

import java.net.InetSocketAddress
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel

/** A port that neither accepts nor refuses: its backlog is full, and the system drops what else comes. */
internal class CrowdedPort : AutoCloseable {
    private val listener = ServerSocketChannel.open().bind(InetSocketAddress(HOST, 0), 1)
    private val waiting = ArrayList<SocketChannel>()

    val port: Int = (listener.localAddress as InetSocketAddress).port

    init {
        while (hasRoom()) check(waiting.size < MOST) { "a backlog of 1 took $MOST clients" }
    }

    /** One that is still connecting after a while has found none. */
    private fun hasRoom(): Boolean {
        val client = SocketChannel.open()
        waiting += client
        client.configureBlocking(false)
        client.connect(listener.localAddress)
        val since = System.nanoTime()
        while (System.nanoTime() - since < A_WHILE) {
            if (client.finishConnect()) return true
            Thread.onSpinWait()
        }
        return false
    }

    override fun close() {
        waiting.forEach(SocketChannel::close)
        listener.close()
    }

    private companion object {
        const val MOST = 20
        const val A_WHILE = 200_000_000L
    }
}
