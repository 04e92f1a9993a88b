package dev.sluice.net.interop

import dev.sluice.net.openConnection
import dev.sluice.net.port
import dev.sluice.net.startServer
import dev.sluice.relay
import kotlinx.coroutines.runBlocking

/** A proxy for [RelayIT]: to the port that is its argument. Prints its own, and what went through each connection. */
internal fun main(arguments: Array<String>): Unit =
    runBlocking {
        val target = arguments[0].toInt()
        val server =
            startServer("127.0.0.1", 0) { client ->
                val (up, down) = relay(client, openConnection("127.0.0.1", target))
                println("${up.bytes} ${up.failure} ${down.bytes} ${down.failure}")
            }
        println(server.port)
        server.serveForever()
    }
