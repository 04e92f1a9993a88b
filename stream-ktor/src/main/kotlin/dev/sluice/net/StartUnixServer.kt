package dev.sluice.net

import dev.sluice.Connection
import java.io.IOException
import java.net.BindException
import java.net.ConnectException
import java.nio.channels.ServerSocketChannel
import java.nio.file.Files
import java.nio.file.LinkOption.NOFOLLOW_LINKS
import java.nio.file.NoSuchFileException
import java.nio.file.Path

/**
 * Listens on a Unix socket at [path], on Java 16 or newer, and runs [handler] for each client.
 *
 * A socket file that nobody listens on any more is replaced; anything else at [path] is left alone. Unless `cleanupSocket` is off,
 * [StreamServer.close] removes the file again, if it is still the same one. Who may connect is decided by the process's umask, or by the
 * folder:
 * ```kotlin
 * val private = Files.createTempDirectory("service")       // for this user alone
 * val server = startUnixServer(private.resolve("socket")) { (reader, writer) -> ... }
 * ```
 *
 * @throws BindException somebody listens at [path] already, or there is something that is no socket
 * @throws NoSuchFileException the folder does not exist
 * @throws IOException the path is longer than the system allows
 * @throws UnsupportedOperationException Java is older than 16, or this is Android
 */
public suspend fun startUnixServer(
    path: Path,
    options: ServerOptions = ServerOptions.Default,
    handler: suspend (Connection) -> Unit,
): StreamServer {
    UnixSockets.checkSupported()
    UnixSockets.checkPath(path)
    val file = path.toAbsolutePath()
    UnixSockets.checkPath(file)
    return startOn(options, handler, { SocketFile.of(file).takeIf { options.cleanupSocket } }) { loop ->
        listOf(bind(loop, file, options.backlog))
    }
}

private suspend fun bind(
    loop: EventLoop,
    path: Path,
    backlog: Int,
): ServerSocketChannel {
    makeWay(loop, path)
    try {
        return UnixSockets.bind(loop, path, backlog)
    } catch (e: BindException) {
        throw e.about(path.toString())
    } catch (e: IOException) {
        val folder = path.parent
        throw if (folder != null && !Files.exists(folder)) {
            NoSuchFileException(path.toString(), null, "its folder does not exist").also { it.initCause(e) }
        } else {
            e.about(path.toString())
        }
    }
}

/** Deletes a socket that its server left behind. */
private suspend fun makeWay(
    loop: EventLoop,
    path: Path,
) {
    if (!Files.exists(path, NOFOLLOW_LINKS)) return
    if (!SocketFile.isSocket(path)) throw BindException("Address already in use: $path is there, and is no socket")
    val stale = SocketFile.of(path)
    if (isServed(loop, path)) throw BindException("Address already in use: somebody listens at $path")
    // Another server may have come to the same end a moment ago, and have bound its own.
    stale.deleteIfOurs()
}

private suspend fun isServed(
    loop: EventLoop,
    path: Path,
): Boolean =
    try {
        UnixSockets.connect(loop, path).close()
        true
    } catch (_: ConnectException) {
        false
    } catch (_: IOException) {
        // A full backlog, or a lack of rights: somebody's in any case.
        true
    }
