package dev.sluice.net

import java.io.IOException
import java.net.BindException
import java.net.ConnectException
import java.nio.channels.ServerSocketChannel
import java.nio.file.Files
import java.nio.file.LinkOption.NOFOLLOW_LINKS
import java.nio.file.NoSuchFileException
import java.nio.file.Path

/**
 * Binds a Unix socket at [path], in the place of one that its server left behind.
 *
 * Of several who do so at once one wins, because all of it is done under a lock: a socket that is bound, and does not listen yet, looks
 * as if it had been left behind. Who does not ask for the lock, as other programs, may still come between.
 */
internal class UnixBinding(
    private val loop: EventLoop,
    private val path: Path,
    private val backlog: Int,
) {
    /** Blocks, for a short time. */
    suspend fun bind(): ServerSocketChannel =
        PathLock.of(path).use {
            makeWay()
            bindNow()
        }

    private suspend fun bindNow(): ServerSocketChannel =
        try {
            UnixSockets.bind(loop, path, backlog)
        } catch (e: BindException) {
            throw e.about(path.toString())
        } catch (e: IOException) {
            throw if (Files.exists(path.parent)) {
                e.about(path.toString())
            } else {
                NoSuchFileException(path.toString(), null, "its folder does not exist").also { it.initCause(e) }
            }
        }

    /** Deletes a socket that its server left behind. */
    private suspend fun makeWay() {
        if (!Files.exists(path, NOFOLLOW_LINKS)) return
        if (!SocketFile.isSocket(path)) throw inUse("$path is there, and is no socket")
        val stale = SocketFile.of(path)
        checkNotServed()
        // Another program may have come to the same end a moment ago, and have bound its own.
        stale.deleteIfOurs()
    }

    private suspend fun checkNotServed() {
        try {
            UnixSockets.connect(loop, path).close()
        } catch (_: ConnectException) {
            return
        } catch (e: IOException) {
            if (!Files.exists(path, NOFOLLOW_LINKS)) return
            // A full backlog, or a lack of rights: somebody's in any case.
            throw inUse("somebody may listen at $path").apply { initCause(e) }
        }
        throw inUse("somebody listens at $path")
    }

    private fun inUse(why: String) = BindException("Address already in use: $why")
}
