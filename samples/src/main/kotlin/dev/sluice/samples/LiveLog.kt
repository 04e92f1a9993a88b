package dev.sluice.samples

import dev.sluice.Connection
import dev.sluice.StreamReader
import dev.sluice.StreamWriter
import dev.sluice.net.startServer
import dev.sluice.process.startProcess
import kotlinx.coroutines.channels.BufferOverflow
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import java.io.IOException
import java.net.InetSocketAddress

private const val PAGE = """<!doctype html>
<title>Live log</title>
<pre id="log"></pre>
<script>
new EventSource("/events").onmessage = event => {
  document.getElementById("log").append(event.data + "\n")
}
</script>
"""

/** Shows in browsers what a command writes, live: a page, and the lines as server-sent events. Goes on after the command. */
fun main(arguments: Array<String>): Unit =
    runBlocking {
        val port = arguments[0].toInt()
        val command = arguments.drop(1)

        // Who comes late gets the last thousand lines, and who reads too slowly misses the oldest ones of those.
        val log = MutableSharedFlow<String>(replay = 1000, onBufferOverflow = BufferOverflow.DROP_OLDEST)
        val server = startServer("127.0.0.1", port) { client -> answer(client, log) }
        println("open http://127.0.0.1:${(server.addresses.first() as InetSocketAddress).port}/")

        startProcess(command).use { it.stdout.lines().collect(log::emit) }
        server.serveForever()
    }

private suspend fun answer(
    client: Connection,
    log: Flow<String>,
) {
    val (reader, writer) = client
    when (reader.readRequest()) {
        "GET / HTTP/1.1" -> {
            writer.writeHead("200 OK", "text/html; charset=utf-8", "Content-Length: ${PAGE.toByteArray().size}")
            writer.write(PAGE)
        }

        "GET /events HTTP/1.1" -> {
            writer.writeHead("200 OK", "text/event-stream", "Cache-Control: no-store")
            untilItLeaves(reader) {
                log.collect {
                    writer.write("data: $it\n\n")
                    writer.drain()
                }
            }
        }

        else -> {
            writer.writeHead("404 Not Found", "text/plain", "Content-Length: 0")
        }
    }
}

/** Does something for a browser that has nothing more to say: what is next to read from it is that it has left. */
private suspend fun untilItLeaves(
    reader: StreamReader,
    work: suspend () -> Unit,
): Unit =
    try {
        coroutineScope {
            val working = launch { work() }
            reader.read(1)
            working.cancel()
        }
    } catch (_: IOException) {
        // It has left without a word.
    }

/** The first line, when all headers are read. */
private suspend fun StreamReader.readRequest(): String? {
    val request = readLine(Charsets.ISO_8859_1)
    while (!readLine(Charsets.ISO_8859_1).isNullOrEmpty()) continue
    return request
}

private fun StreamWriter.writeHead(
    status: String,
    type: String,
    header: String,
) {
    write("HTTP/1.1 $status\r\nContent-Type: $type\r\n$header\r\nConnection: close\r\n\r\n")
}
