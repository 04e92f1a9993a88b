package dev.sluice.net

import java.io.IOException
import java.net.SocketAddress
import java.nio.file.Files
import java.nio.file.LinkOption.NOFOLLOW_LINKS
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.nio.file.Paths
import java.nio.file.attribute.BasicFileAttributes

/**
 * The file that a bound Unix socket appears as; another one may take its place. It is known by its device and inode, and by when it came to
 * be, because a file that is new may have the inode of one that is gone.
 */
internal class SocketFile private constructor(
    private val path: Path,
    private val key: Any?,
) {
    /** Deletes the file unless it was replaced, or is gone. */
    fun deleteIfOurs() {
        try {
            if (key != null && keyOf(path) == key) Files.delete(path)
        } catch (_: NoSuchFileException) {
            // Somebody was faster.
        } catch (e: IOException) {
            StreamServer.logger.warn("The socket file {} could not be deleted: {}", path, e.toString())
        }
    }

    companion object {
        private const val FILE_TYPE = 0xF000
        private const val SOCKET = 0xC000

        /** What has just been bound at [path], which is absolute: the working directory may change. */
        fun of(path: Path): SocketFile = SocketFile(path.toAbsolutePath(), keyOf(path))

        fun of(address: SocketAddress): SocketFile = of(Paths.get(address.toString()))

        /** Whether [path] itself is a socket, and no link to one. */
        fun isSocket(path: Path): Boolean =
            // Where the system does not say, it may be anything.
            "unix" in path.fileSystem.supportedFileAttributeViews() &&
                (Files.getAttribute(path, "unix:mode", NOFOLLOW_LINKS) as Int and FILE_TYPE) == SOCKET

        /** What tells the file at [path] itself from others; null if there is none. */
        fun keyOf(path: Path): Any? =
            try {
                val attributes = Files.readAttributes(path, BasicFileAttributes::class.java, NOFOLLOW_LINKS)
                // Not the time of the last change of its attributes: rights may be given after it was bound.
                attributes.fileKey()?.let { it to attributes.creationTime() }
            } catch (_: IOException) {
                null
            }
    }
}
