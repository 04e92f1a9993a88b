package dev.sluice.samples

import dev.sluice.net.openConnection
import kotlinx.coroutines.runBlocking

/** Sends each of its arguments as a line, and waits for the answer before it sends the next one. */
fun main(arguments: Array<String>): Unit =
    runBlocking {
        val (host, port) = arguments
        val connection = openConnection(host, port.toInt())
        connection.use { (reader, writer) ->
            for (text in arguments.drop(2)) {
                println("send: $text")
                writer.write("$text\n")
                writer.drain()
                println("received: ${reader.readLine() ?: "the end"}")
            }
        }
        // What goes wrong in closing is told here.
        connection.awaitClosed()
    }
