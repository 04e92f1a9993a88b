package dev.sluice.net

import kotlinx.coroutines.delay
import java.io.Closeable
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.nio.channels.OverlappingFileLockException
import java.nio.file.Files
import java.nio.file.LinkOption.NOFOLLOW_LINKS
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.nio.file.StandardOpenOption.CREATE
import java.nio.file.StandardOpenOption.READ
import java.nio.file.StandardOpenOption.WRITE
import java.util.concurrent.ConcurrentHashMap
import kotlin.random.Random
import kotlin.time.Duration.Companion.milliseconds

/**
 * Keeps those apart who do something at one path at once, in this process and in others, if they all ask for it. It is a file beside the
 * path, which is locked, and gone again afterwards; the system unlocks what a process leaves locked that dies.
 */
internal class PathLock private constructor(
    private val file: Path,
    private val channel: FileChannel,
) : Closeable {
    override fun close() {
        try {
            // While it is locked: who gets the lock after this one sees that the file is gone.
            channel.use { Files.deleteIfExists(file) }
        } catch (_: IOException) {
            // If it stays, the next one takes it, and deletes it.
        } finally {
            inThisProcess.remove(file)
        }
    }

    /** Others may have deleted the file since it was opened. The JDK can't compare the two, but their random lengths. */
    private fun isAtItsPath(): Boolean {
        val length = Random.nextLong(1, MOST_BYTES)
        channel.truncate(0)
        try {
            channel.write(ByteBuffer.allocate(1), length - 1)
        } catch (e: IOException) {
            // On a full disk nothing tells whose file is there; but whoever holds a lock has written to theirs.
            if (Files.size(file) == 0L) Files.delete(file)
            throw e
        }
        return try {
            Files.size(file) == length
        } catch (_: NoSuchFileException) {
            false
        }
    }

    companion object {
        private const val MOST_BYTES = 1024L * 1024
        private val PAUSE = 1.milliseconds

        /** Systems forget a process's lock when any channel to the file is closed: so in this process there is never another. */
        private val inThisProcess: MutableSet<Path> = ConcurrentHashMap.newKeySet()

        /**
         * Waits for the lock of [path]. Null if there can be none: no right to make files there, no folder, or a file system without
         * locks, or without room.
         */
        suspend fun of(path: Path): PathLock? {
            try {
                val folder = path.parent ?: return null
                val file = folder.toRealPath().resolve(".${path.fileName}.lock")
                while (true) {
                    if (inThisProcess.add(file)) tryLock(file)?.let { return it }
                    delay(PAUSE)
                }
            } catch (_: IOException) {
                return null
            }
        }

        private fun tryLock(file: Path): PathLock? {
            var lock: PathLock? = null
            var channel: FileChannel? = null
            try {
                // Reading, too, because somebody's pipe of that name would then not keep this waiting.
                channel = FileChannel.open(file, CREATE, READ, WRITE, NOFOLLOW_LINKS)
                if (channel.tryLock() != null) lock = PathLock(file, channel).takeIf { it.isAtItsPath() }
                return lock
            } catch (_: OverlappingFileLockException) {
                // Of another one, by another name.
                return null
            } finally {
                if (lock == null) {
                    channel?.close()
                    inThisProcess.remove(file)
                }
            }
        }
    }
}
