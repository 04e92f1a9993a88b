package dev.sluice.net

import java.net.InetSocketAddress
import java.net.SocketException
import java.nio.channels.Channel
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import java.nio.file.Path

/** An answer for every name. */
internal fun always(vararg digits: String): Resolver = Resolver { digits.map(::ip) }

/** A port at which nobody listens, and which nobody else can get: it refuses. */
internal class RefusingPort(
    digits: String = "127.0.0.1",
    port: Int = 0,
) : AutoCloseable {
    private val holder = SocketChannel.open().bind(InetSocketAddress(digits, port))

    val port: Int = (holder.localAddress as InetSocketAddress).port

    override fun close() {
        holder.close()
    }
}

/** Listens, and lets others do the talking. */
internal class ListeningPort(
    digits: String = "127.0.0.1",
    port: Int = 0,
) : AutoCloseable {
    private val channel = ServerSocketChannel.open().bind(InetSocketAddress(digits, port))

    val port: Int = (channel.localAddress as InetSocketAddress).port

    fun accept(): SocketChannel = channel.accept()

    /** Null if nobody has come. */
    fun acceptNow(): SocketChannel? {
        channel.configureBlocking(false)
        return channel.accept()
    }

    override fun close() {
        channel.close()
    }
}

/** A port that neither accepts nor refuses: its backlog is full, and the system drops what else comes. */
internal class SilentPort(
    digits: String = "127.0.0.1",
    port: Int = 0,
) : AutoCloseable {
    private val listener = ServerSocketChannel.open().bind(InetSocketAddress(digits, port), 1)
    private val waiting = ArrayList<SocketChannel>()

    val port: Int = (listener.localAddress as InetSocketAddress).port

    init {
        // Systems differ in how many more than the backlog they take. One that stays pending for long shows that it is full.
        while (knock()) check(waiting.size < MOST) { "a backlog of 1 took $MOST clients" }
    }

    private fun knock(): Boolean {
        val client = SocketChannel.open()
        client.configureBlocking(false)
        waiting += client
        client.connect(listener.localAddress)
        val since = System.nanoTime()
        while (System.nanoTime() - since < LONG) {
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
        const val LONG = 200_000_000L
    }
}

/** The same at a path, where the system says at once that there is no room for another client. */
internal class SilentPath private constructor(
    private val channels: List<Channel>,
) : AutoCloseable {
    override fun close(): Unit = channels.forEach(Channel::close)

    companion object {
        private const val MOST = 20

        suspend fun at(
            path: Path,
            loop: EventLoop,
        ): SilentPath {
            val channels = arrayListOf<Channel>(UnixSockets.bind(loop, path, 1))
            try {
                repeat(MOST) { channels += UnixSockets.connect(loop, path) }
            } catch (_: SocketException) {
                return SilentPath(channels)
            }
            error("a backlog of 1 took $MOST clients")
        }
    }
}
