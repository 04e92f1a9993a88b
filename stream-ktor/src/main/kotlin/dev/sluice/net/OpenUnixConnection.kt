package dev.sluice.net

import dev.sluice.ConnectTimeoutException
import dev.sluice.Connection
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.withContext
import java.io.IOException
import java.net.ConnectException
import java.nio.channels.SocketChannel
import java.nio.file.AccessDeniedException
import java.nio.file.AccessMode
import java.nio.file.FileSystemException
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/**
 * Connects to the Unix socket at [path], on Java 16 or newer.
 *
 * Of [options] those that concern TCP alone are of no effect. A server whose backlog is full is tried again until `connectTimeout`. The
 * abstract names of Linux can't be reached: a path that begins with `@` is an ordinary file.
 *
 * **Cancel safety**: a cancelled call closes what it opened.
 *
 * @throws IllegalArgumentException `tls` has no host to verify: a path is none
 * @throws NoSuchFileException there is nothing at [path]
 * @throws ConnectException what is there is no socket, or nobody listens on it
 * @throws ConnectTimeoutException the server had no room for another client for all of `connectTimeout`
 * @throws AccessDeniedException this process may not use it
 * @throws IOException the path is longer than the system allows
 * @throws UnsupportedOperationException Java is older than 16, or this is Android
 */
public suspend fun openUnixConnection(
    path: Path,
    options: ConnectOptions = ConnectOptions.Default,
): Connection {
    UnixSockets.checkSupported()
    UnixSockets.checkPath(path)
    options.tls?.checkHostname()
    val limits = options.limits
    val loop = loopFrom(options.eventLoops)
    return options.connect(connectInTime(loop, path, options.connectTimeout), loop, limits).secured(options.tls)
}

private suspend fun connectInTime(
    loop: EventLoop,
    path: Path,
    limit: Duration,
): SocketChannel {
    var last: IOException? = null
    return connectWithin(limit, SocketChannel::close) { connectWithPatience(loop, path) { last = it } }
        ?: throw ConnectTimeoutException("no connection to $path within $limit: its server has no room for another client", last)
}

private val FIRST_PAUSE = 1.milliseconds
private val LONGEST_PAUSE = 100.milliseconds

/** A full backlog is reported at once instead of being waited for, and with no way to learn when that changes. */
private suspend fun connectWithPatience(
    loop: EventLoop,
    path: Path,
    failed: (IOException) -> Unit,
): SocketChannel {
    var pause = FIRST_PAUSE
    while (true) {
        // Nothing of the loop's takes part in a pause, so nothing else would end the waiting.
        loop.checkOpen()
        try {
            return UnixSockets.connect(loop, path)
        } catch (e: IOException) {
            val told = withContext(Dispatchers.IO) { e.aboutFile(path) }
            if (told != null) throw told
            if (!FullBacklog.isMeantBy(e, loop)) throw e.about("$path")
            failed(e)
        }
        delay(pause)
        pause = minOf(pause * 2, LONGEST_PAUSE)
    }
}

/** What is to be said of it where that can be seen from its class, or from the file; else null. */
private fun IOException.aboutFile(path: Path): IOException? =
    when (this) {
        is ConnectException -> ConnectException("${message ?: "Connection refused"}: $path")
        else -> whyNotUsable(path)
    }?.also { it.initCause(this) }

private fun whyNotUsable(path: Path): FileSystemException? =
    try {
        path.fileSystem.provider().checkAccess(path, AccessMode.WRITE)
        null
    } catch (e: AccessDeniedException) {
        AccessDeniedException(path.toString(), null, e.reason)
    } catch (e: FileSystemException) {
        // Also where what should be its folder is none.
        NoSuchFileException(path.toString(), null, e.reason)
    }
