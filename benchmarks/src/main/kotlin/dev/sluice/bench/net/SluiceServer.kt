package dev.sluice.bench.net

import dev.sluice.Connection
import dev.sluice.ConnectionResetException
import dev.sluice.net.EventLoops
import dev.sluice.net.ServerOptions
import dev.sluice.net.startServer
import dev.sluice.net.startUnixServer
import dev.sluice.tls.TlsOptions
import kotlinx.coroutines.runBlocking
import java.net.InetSocketAddress
import java.nio.ByteBuffer

/** Sluice with one event loop, which accepts as well. */
internal class SluiceServer : NetServer {
    override fun start(job: Job): String =
        runBlocking {
            val options =
                ServerOptions {
                    eventLoops = EventLoops(threads = 1, name = "bench")
                    if (job.carrier == Carrier.TLS) tls = security(Identity(job.file))
                }
            val handler: suspend (Connection) -> Unit =
                when (job.service) {
                    Service.ECHO -> ::echo
                    Service.RECEIVE -> ::receive
                    Service.SEND -> ::send
                }
            if (job.carrier == Carrier.UNIX) {
                startUnixServer(job.file, options, handler)
                job.file.toString()
            } else {
                val server = startServer("127.0.0.1", 0, options, handler)
                (server.addresses.single() as InetSocketAddress).port.toString()
            }
        }

    private fun security(identity: Identity) =
        TlsOptions {
            keyStore(identity.file, Identity.PASSWORD)
            protocols = listOf(Identity.PROTOCOL)
            cipherSuites = listOf(Identity.CIPHER_SUITE)
        }

    private suspend fun echo(connection: Connection) {
        val (reader, writer) = connection
        while (true) {
            val bytes = reader.read(64 * 1024)
            if (bytes.isEmpty()) break
            writer.write(bytes)
            writer.drain()
        }
    }

    private suspend fun receive(connection: Connection) {
        val bytes = ByteBuffer.allocateDirect(Service.WRITE_BYTES)
        while (connection.reader.read(bytes) >= 0) bytes.clear()
    }

    private suspend fun send(connection: Connection) {
        val writer = connection.writer
        val bytes = ByteBuffer.allocateDirect(Service.WRITE_BYTES)
        try {
            while (true) {
                writer.write(bytes.clear())
                writer.drain()
            }
        } catch (_: ConnectionResetException) {
            // The client has had enough.
        }
    }
}
