@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import java.io.IOException
import java.nio.file.FileVisitResult
import java.nio.file.Files
import java.nio.file.LinkOption
import java.nio.file.Path
import java.nio.file.SimpleFileVisitor
import java.nio.file.attribute.BasicFileAttributes

/** A new folder that only this user can enter. */
@NotOnAndroid
internal class PrivateFolder : AutoCloseable {
    val path: Path = Files.createTempDirectory("sluice-sandbox-").toRealPath()

    /** Removes it with all that is in it. What was killed just now may still be writing. */
    override fun close() {
        repeat(ATTEMPTS) {
            try {
                removeAll()
                return
            } catch (e: IOException) {
                if (it == ATTEMPTS - 1) throw e
                Thread.sleep(PAUSE_MILLIS)
            }
        }
    }

    private fun removeAll() {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) return
        Files.walkFileTree(
            path,
            object : SimpleFileVisitor<Path>() {
                override fun preVisitDirectory(
                    dir: Path,
                    attrs: BasicFileAttributes,
                ): FileVisitResult = FileVisitResult.CONTINUE

                override fun visitFile(
                    file: Path,
                    attrs: BasicFileAttributes,
                ): FileVisitResult = remove(file)

                override fun visitFileFailed(
                    file: Path,
                    exc: IOException,
                ): FileVisitResult {
                    if (file.toFile().isDirectory && makeAccessible(file)) {
                        Files.walkFileTree(file, this)
                        return FileVisitResult.CONTINUE
                    }
                    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) return FileVisitResult.CONTINUE
                    throw exc
                }

                override fun postVisitDirectory(
                    dir: Path,
                    exc: IOException?,
                ): FileVisitResult = remove(dir)
            },
        )
    }

    private fun remove(file: Path): FileVisitResult {
        try {
            Files.deleteIfExists(file)
        } catch (_: java.nio.file.AccessDeniedException) {
            makeAccessible(file.parent)
            Files.deleteIfExists(file)
        }
        return FileVisitResult.CONTINUE
    }

    /** A command may have taken from its own folders the permission to look into them. */
    private fun makeAccessible(folder: Path): Boolean =
        folder.toFile().run {
            setReadable(true) && setWritable(true) &&
                setExecutable(true)
        }

    private companion object {
        const val ATTEMPTS = 20
        const val PAUSE_MILLIS = 10L
    }
}
