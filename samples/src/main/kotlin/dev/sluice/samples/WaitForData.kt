package dev.sluice.samples

import dev.sluice.InfoKey
import dev.sluice.net.openConnection
import kotlinx.coroutines.runBlocking
import java.net.InetSocketAddress
import java.nio.channels.SocketChannel

/** Waits for data on a socket that something else has opened: a library, a parent process, or here the JDK. */
fun main(arguments: Array<String>): Unit =
    runBlocking {
        val (host, port) = arguments
        val channel = SocketChannel.open(InetSocketAddress(host, port.toInt()))

        // From here on the channel belongs to the connection, which also closes it.
        openConnection(channel).use { connection ->
            println("waiting for ${connection.info[InfoKey.PeerAddress]}")
            val data = connection.reader.read(100)
            println("received ${data.size} bytes: ${data.decodeToString()}")
        }
    }
