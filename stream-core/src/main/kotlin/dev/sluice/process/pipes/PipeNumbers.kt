@file:NotOnAndroid

package dev.sluice.process.pipes

import dev.sluice.NotOnAndroid
import java.io.IOException
import java.nio.channels.Pipe
import java.nio.channels.SelectableChannel
import java.nio.channels.SelectionKey.OP_READ
import java.nio.channels.SelectionKey.OP_WRITE
import java.nio.channels.Selector
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.Paths
import kotlin.streams.toList

/**
 * By which numbers the system knows the two ends of a pipe. The JDK does not tell, but on Linux a file tells what an epoll descriptor
 * watches; so a selector is given nothing but that pipe.
 *
 * @param listing the file of [selector]'s epoll descriptor
 */
@NotOnAndroid
internal class PipeNumbers private constructor(
    private val selector: Selector,
    private val listing: Path,
) {
    class Ends(
        val source: Int,
        val sink: Int,
    )

    /**
     * Makes both ends non-blocking.
     *
     * @throws IOException the system does not tell
     */
    @Synchronized
    fun of(pipe: Pipe): Ends {
        val before = watched()
        val ends = watching(pipe.source(), OP_READ) { watching(pipe.sink(), OP_WRITE) { watched() } } - before
        val source = ends.find { !it.isForWriting }
        val sink = ends.find { it.isForWriting }
        if (source == null || source.inode != sink?.inode) throw IOException("$listing does not tell the numbers of a pipe")
        return Ends(source.number, sink.number)
    }

    private inline fun <T> watching(
        channel: SelectableChannel,
        operation: Int,
        look: () -> T,
    ): T {
        channel.configureBlocking(false)
        val key = channel.register(selector, operation)
        try {
            selector.selectNow()
            return look()
        } finally {
            key.cancel()
            selector.selectNow()
        }
    }

    private fun watched(): Set<Watched> = Files.readAllLines(listing).mapNotNullTo(HashSet(), ::parse)

    private data class Watched(
        val number: Int,
        val inode: String,
        val isForWriting: Boolean,
    )

    companion object {
        /** Null where the system does not tell. */
        val shared: PipeNumbers? by lazy { if (Files.isDirectory(DESCRIPTORS)) find() else null }

        private val DESCRIPTORS: Path = Paths.get("/proc/self/fd")
        private const val EPOLL_OUT = 4L
        private val LINE = Regex("""tfd:\s*(\d+)\s+events:\s*([0-9a-f]+)\s.*\bino:([0-9a-f]+)\s.*""")

        private fun parse(line: String): Watched? {
            val (number, events, inode) = LINE.matchEntire(line)?.destructured ?: return null
            return Watched(number.toInt(), inode, events.toLong(16) and EPOLL_OUT != 0L)
        }

        /** Of all epoll descriptors of this program, the one of a new selector: the one that sees what that is given. */
        private fun find(): PipeNumbers? {
            val selector = Selector.open()
            val pipe = Pipe.open()
            try {
                val found = epollListings().map { PipeNumbers(selector, it) }.firstOrNull { it.tells(pipe) }
                if (found == null) selector.close()
                return found
            } finally {
                pipe.source().close()
                pipe.sink().close()
            }
        }

        private fun epollListings(): List<Path> =
            Files.list(DESCRIPTORS).use { all ->
                all.filter(::isEpoll).map { Paths.get("/proc/self/fdinfo", it.fileName.toString()) }.toList()
            }

        private fun isEpoll(descriptor: Path): Boolean =
            try {
                Files.readSymbolicLink(descriptor).toString().contains("eventpoll")
            } catch (_: IOException) {
                // It was closed meanwhile.
                false
            }

        private fun PipeNumbers.tells(pipe: Pipe): Boolean =
            try {
                of(pipe)
                true
            } catch (_: IOException) {
                false
            }
    }
}
