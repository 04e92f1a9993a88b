package dev.sluice.net

import java.io.IOException
import java.io.InputStream
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.net.Socket
import kotlin.time.Duration.Companion.seconds

internal val StreamServer.port: Int get() = (addresses.first() as InetSocketAddress).port

/** Runs [work] with the server, of which nothing is left afterwards. */
internal suspend fun <T> StreamServer.during(work: suspend (StreamServer) -> T): T =
    try {
        work(this)
    } finally {
        close()
        abortClients()
        awaitClosed()
    }

/** Accepts nobody, and has room for next to nobody to wait. */
internal val SOON_FULL: ServerOptions =
    ServerOptions {
        startServing = false
        backlog = 1
    }

/** A client that shares no code with the server. What it waits for for half a minute does not come. */
internal fun plainClient(
    port: Int,
    host: String = "127.0.0.1",
): Socket {
    val socket = Socket()
    try {
        val patience = 30.seconds.inWholeMilliseconds.toInt()
        socket.soTimeout = patience
        socket.connect(InetSocketAddress(host, port), patience)
        return socket
    } catch (e: IOException) {
        socket.close()
        throw e
    }
}

internal fun Socket.send(text: String): Unit = getOutputStream().write(text.toByteArray())

/** What comes until the end. */
internal fun Socket.received(): String = getInputStream().readBytes().decodeToString()

internal fun Socket.receivedLine(): String? = getInputStream().readLineOrNull()

private fun InputStream.readLineOrNull(): String? {
    val line = StringBuilder()
    while (true) {
        when (val next = read()) {
            -1 -> return line.toString().ifEmpty { null }
            '\n'.code -> return line.toString()
            else -> line.append(next.toChar())
        }
    }
}

/** Goes away in a way that the other side can't miss. */
internal fun Socket.reset() {
    setSoLinger(true, 0)
    close()
}

/** Whether the server answers on [host], as an echo does. */
internal fun isEchoed(
    port: Int,
    host: String = "127.0.0.1",
): Boolean =
    plainClient(port, host).use {
        it.send("ping\n")
        it.receivedLine() == "ping"
    }

internal suspend fun echo(connection: dev.sluice.Connection) {
    connection.reader.copyTo(connection.writer)
}

/** A port that was free a moment ago. */
internal fun freePort(): Int = ServerSocket(0).use { it.localPort }

internal val isLinux: Boolean = System.getProperty("os.name") == "Linux"

/** Whether this machine has the loopback address of IPv6. */
internal val hasIpv6: Boolean =
    try {
        ServerSocket().use { it.bind(InetSocketAddress("::1", 0)) }
        true
    } catch (_: IOException) {
        false
    }
