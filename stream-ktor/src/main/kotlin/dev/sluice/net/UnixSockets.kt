package dev.sluice.net

import io.ktor.network.selector.Selectable
import io.ktor.network.selector.SelectorManager
import io.ktor.network.sockets.UnixSocketAddress
import io.ktor.network.sockets.aSocket
import java.io.IOException
import java.lang.reflect.InvocationTargetException
import java.net.SocketAddress
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import java.nio.file.FileSystems
import java.nio.file.Path

/** Unix sockets as Ktor makes them, which reaches the JDK's by reflection: class files for Java 11 can't name them. */
internal object UnixSockets {
    /**
     * How many bytes a path may have: what the system's `sun_path` holds, less its end and the one more that the JDK wants.
     */
    private val maxPathLength = if (System.getProperty("os.name") == "Linux") 106 else 102

    fun checkSupported(isSupported: Boolean = UnixSocketAddress.isSupported()) {
        if (isSupported) return
        val vendor = System.getProperty("java.vendor")
        throw UnsupportedOperationException(
            "Unix sockets need Java 16 or newer, this is $vendor ${System.getProperty("java.version")}",
        )
    }

    fun checkPath(path: Path) {
        val text = path.toString()
        require(text.isNotEmpty()) { "the path of a Unix socket is empty" }
        require(path.fileSystem == FileSystems.getDefault()) { "a Unix socket can't be in ${path.fileSystem}, where $path is" }
        val length = text.toByteArray().size
        if (length > maxPathLength) {
            throw IOException("the path of a Unix socket may have $maxPathLength bytes, and this one has $length: $path")
        }
    }

    suspend fun connect(
        selector: SelectorManager,
        path: Path,
    ): SocketChannel = unwrapped { (aSocket(selector).tcp().connect(addressOf(path)) as Selectable).channel as SocketChannel }

    suspend fun bind(
        selector: SelectorManager,
        path: Path,
        backlog: Int,
    ): ServerSocketChannel =
        unwrapped {
            (aSocket(selector).tcp().bind(addressOf(path)) { backlogSize = backlog } as Selectable).channel as ServerSocketChannel
        }

    private fun addressOf(path: Path) = UnixSocketAddress(path.toString())

    private inline fun <T> unwrapped(call: () -> T): T =
        try {
            call()
        } catch (e: InvocationTargetException) {
            throw e.cause ?: e
        }
}

internal val SocketAddress.isUnix: Boolean get() = javaClass.name == "java.net.UnixDomainSocketAddress"
