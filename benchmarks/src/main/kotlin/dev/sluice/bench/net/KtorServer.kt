package dev.sluice.bench.net

import io.ktor.network.selector.SelectorManager
import io.ktor.network.sockets.InetSocketAddress
import io.ktor.network.sockets.Socket
import io.ktor.network.sockets.aSocket
import io.ktor.network.sockets.openReadChannel
import io.ktor.network.sockets.openWriteChannel
import io.ktor.utils.io.readAvailable
import io.ktor.utils.io.writeFully
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking

/** Ktor's sockets and byte channels, used as its documentation does. They are what Sluice's sockets are made of, too. */
internal class KtorServer : NetServer {
    override fun start(job: Job): String =
        runBlocking {
            if (job.carrier != Carrier.TCP || job.service != Service.ECHO) {
                throw UnsupportedOperationException("byte channels are there to compare echoes over TCP with")
            }
            val server = aSocket(SelectorManager(Dispatchers.IO)).tcp().bind("127.0.0.1", 0)
            CoroutineScope(Dispatchers.IO).launch {
                while (true) {
                    val socket = server.accept()
                    launch { socket.use { echo(it) } }
                }
            }
            (server.localAddress as InetSocketAddress).port.toString()
        }

    private suspend fun echo(socket: Socket) {
        val input = socket.openReadChannel()
        val output = socket.openWriteChannel(autoFlush = true)
        val bytes = ByteArray(64 * 1024)
        while (true) {
            val count = input.readAvailable(bytes)
            if (count < 0) break
            output.writeFully(bytes, 0, count)
        }
    }
}
