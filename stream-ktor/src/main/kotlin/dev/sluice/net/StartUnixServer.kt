package dev.sluice.net

import dev.sluice.Connection
import java.io.IOException
import java.net.BindException
import java.nio.file.NoSuchFileException
import java.nio.file.Path

/**
 * Listens on a Unix socket at [path], on Java 16 or newer, and runs [handler] for each client.
 *
 * A socket file that nobody listens on any more is replaced; anything else at [path] is left alone. Of several servers that start there
 * at once, in one program or in several, one gets the path; for that moment there is a file `.name.lock` beside it. Unless `cleanupSocket`
 * is off, [StreamServer.close] removes the file again, if it is still the same one. Who may connect is decided by the process's umask, or by the
 * folder:
 * ```kotlin
 * val private = Files.createTempDirectory("service")       // for this user alone
 * val server = startUnixServer(private.resolve("socket")) { (reader, writer) -> ... }
 * ```
 *
 * @throws BindException somebody listens at [path] already, or there is something that is no socket
 * @throws NoSuchFileException the folder does not exist
 * @throws IOException the path is longer than the system allows, or no file can be made there, as on a full disk; the message has the path
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
    return startOn(options, handler) { loop ->
        madeOnIo({ it.discard(loop) }) {
            val channel = UnixBinding(loop, file, options.backlog).bind()
            Bound(listOf(channel), SocketFile.of(file).takeIf { options.cleanupSocket })
        }
    }
}
