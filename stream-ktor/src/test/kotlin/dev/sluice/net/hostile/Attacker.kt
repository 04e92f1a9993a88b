package dev.sluice.net.hostile

import java.io.IOException
import java.net.InetSocketAddress
import java.net.StandardSocketOptions
import java.nio.ByteBuffer
import java.nio.channels.SocketChannel

/** A client that waits for nothing: sends what there is room for, and reads only when it is told to. */
internal class Attacker(
    port: Int,
) : AutoCloseable {
    private val channel = SocketChannel.open(InetSocketAddress("127.0.0.1", port))

    var sent = 0L
        private set

    init {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true)
        channel.configureBlocking(false)
    }

    /** Whether the server still has it. */
    fun send(bytes: ByteArray): Boolean =
        try {
            sent += channel.write(ByteBuffer.wrap(bytes))
            true
        } catch (_: IOException) {
            false
        }

    /** Drops what has come; whether there is an end to that, or was a reset. */
    fun isThrownOut(): Boolean {
        val dropped = ByteBuffer.allocate(64 * 1024)
        return try {
            var count: Int
            do count = channel.read(dropped.clear()) while (count > 0)
            count < 0
        } catch (_: IOException) {
            true
        }
    }

    override fun close(): Unit = channel.close()
}

/** So many of them at once, and none left afterwards. */
internal inline fun <T> withAttackers(
    count: Int,
    port: Int,
    use: (List<Attacker>) -> T,
): T {
    val attackers = ArrayList<Attacker>()
    try {
        repeat(count) { attackers += Attacker(port) }
        return use(attackers)
    } finally {
        attackers.forEach(Attacker::close)
    }
}
