package dev.sluice.bench.echo

import dev.sluice.net.EventLoops
import dev.sluice.net.ServerOptions
import dev.sluice.net.startServer
import kotlinx.coroutines.runBlocking
import java.net.InetSocketAddress

/** Sluice with one event loop, which accepts as well. */
internal class SluiceServer : EchoServer {
    override fun start(): Int =
        runBlocking {
            val options = ServerOptions { eventLoops = EventLoops(threads = 1, name = "bench") }
            val server =
                startServer("127.0.0.1", 0, options) { (reader, writer) ->
                    while (true) {
                        val bytes = reader.read(64 * 1024)
                        if (bytes.isEmpty()) break
                        writer.write(bytes)
                        writer.drain()
                    }
                }
            (server.addresses.single() as InetSocketAddress).port
        }
}
