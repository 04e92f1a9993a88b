package dev.sluice.samples

import dev.sluice.net.openConnection
import dev.sluice.net.startServer
import dev.sluice.relay
import kotlinx.coroutines.runBlocking
import java.net.InetSocketAddress

/**
 * Passes everything on between its clients and another server: bytes, no faster than either side takes them, the end of each
 * direction by itself, and resets.
 */
fun main(arguments: Array<String>): Unit =
    runBlocking {
        val (port, host, targetPort) = arguments
        val server =
            startServer("127.0.0.1", port.toInt()) { client ->
                val (up, down) = relay(client, openConnection(host, targetPort.toInt()))
                println("${up.bytes} bytes up, ${down.bytes} bytes down")
            }
        println("listening on port ${(server.addresses.first() as InetSocketAddress).port}")
        server.serveForever()
    }
