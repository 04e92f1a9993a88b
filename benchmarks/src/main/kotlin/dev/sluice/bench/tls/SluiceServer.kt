package dev.sluice.bench.tls

import dev.sluice.ConnectionResetException
import dev.sluice.StreamReader
import dev.sluice.StreamWriter
import dev.sluice.net.EventLoops
import dev.sluice.net.ServerOptions
import dev.sluice.net.startServer
import dev.sluice.tls.TlsOptions
import kotlinx.coroutines.runBlocking
import java.net.InetSocketAddress
import java.nio.ByteBuffer

/** Sluice with one event loop, which accepts as well. */
internal class SluiceServer : TlsServer {
    override fun start(
        identity: Identity,
        work: Work,
    ): Int =
        runBlocking {
            val options =
                ServerOptions {
                    eventLoops = EventLoops(threads = 1, name = "bench")
                    tls =
                        TlsOptions {
                            keyStore(identity.file, Identity.PASSWORD)
                            protocols = listOf(Identity.PROTOCOL)
                            cipherSuites = listOf(Identity.CIPHER_SUITE)
                        }
                }
            val server =
                startServer("127.0.0.1", 0, options) { (reader, writer) ->
                    if (work == Work.SEND) send(writer) else receive(reader)
                }
            (server.addresses.single() as InetSocketAddress).port
        }

    private suspend fun receive(reader: StreamReader) {
        val bytes = ByteBuffer.allocate(Work.WRITE_BYTES)
        while (reader.read(bytes) >= 0) bytes.clear()
    }

    private suspend fun send(writer: StreamWriter) {
        val bytes = ByteArray(Work.WRITE_BYTES)
        try {
            while (true) {
                writer.write(bytes)
                writer.drain()
            }
        } catch (_: ConnectionResetException) {
            // The client has had enough.
        }
    }
}
