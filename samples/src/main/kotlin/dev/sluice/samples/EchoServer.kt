package dev.sluice.samples

import dev.sluice.net.startServer
import kotlinx.coroutines.runBlocking
import java.net.InetSocketAddress

/** Sends everything back that comes in, to any number of clients. */
fun main(arguments: Array<String>): Unit =
    runBlocking {
        val server = startServer("127.0.0.1", arguments[0].toInt()) { (reader, writer) -> reader.copyTo(writer) }
        println("listening on port ${(server.addresses.first() as InetSocketAddress).port}")
        server.serveForever()
    }
