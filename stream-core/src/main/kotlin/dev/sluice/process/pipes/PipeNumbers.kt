@file:NotOnAndroid

package dev.sluice.process.pipes

import dev.sluice.NotOnAndroid
import java.io.IOException
import java.io.RandomAccessFile
import java.nio.channels.Pipe
import java.nio.channels.SelectableChannel
import java.nio.channels.SelectionKey
import java.nio.channels.SelectionKey.OP_READ
import java.nio.channels.SelectionKey.OP_WRITE
import java.nio.channels.Selector
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.Paths
import java.util.StringTokenizer
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
) : AutoCloseable {
    class Ends(
        val source: Int,
        val sink: Int,
    )

    private val file = RandomAccessFile(listing.toFile(), "r")
    private val text = ByteArray(LISTING_BYTES)

    /**
     * Makes both ends non-blocking.
     *
     * @throws IOException the system does not tell
     */
    @Synchronized
    fun of(pipe: Pipe): Ends {
        val watched = watched(pipe.source(), pipe.sink())
        // The selector watches something of its own, too, but not for writing.
        val sink = watched.singleOrNull { it.isForWriting }
        val source = watched.singleOrNull { !it.isForWriting && it.inode == sink?.inode }
        if (source == null || sink == null) throw IOException("$listing does not tell the numbers of a pipe")
        return Ends(source.number, sink.number)
    }

    private fun watched(
        source: SelectableChannel,
        sink: SelectableChannel,
    ): List<Watched> {
        val keys = listOf(watch(source, OP_READ), watch(sink, OP_WRITE))
        try {
            selector.selectNow()
            file.seek(0)
            // Read for each pipe of each process: what reads lines makes far more than there is to read.
            val length = file.read(text)
            return String(text, 0, maxOf(length, 0), Charsets.ISO_8859_1).lineSequence().mapNotNull(::parse).toList()
        } finally {
            keys.forEach(SelectionKey::cancel)
            selector.selectNow()
        }
    }

    private fun watch(
        channel: SelectableChannel,
        operation: Int,
    ): SelectionKey {
        channel.configureBlocking(false)
        return channel.register(selector, operation)
    }

    override fun close(): Unit = file.close()

    private class Watched(
        val number: Int,
        val inode: String,
        val isForWriting: Boolean,
    )

    companion object {
        /** Null where the system does not tell. */
        val shared: PipeNumbers? by lazy { if (Files.isDirectory(DESCRIPTORS)) find() else null }

        private val DESCRIPTORS: Path = Paths.get("/proc/self/fd")
        private const val EPOLL_OUT = 4L
        private const val LISTING_BYTES = 4096

        /** Of a line such as `tfd: 5 events: 19 data: 5 pos:0 ino:2a9 sdev:c`; null of one about other things. */
        private fun parse(line: String): Watched? {
            if (!line.startsWith("tfd:")) return null
            val words = StringTokenizer(line, ": ")
            val facts = HashMap<String, String>()
            while (words.hasMoreTokens()) facts[words.nextToken()] = if (words.hasMoreTokens()) words.nextToken() else ""
            return Watched(
                number = facts["tfd"]?.toInt() ?: return null,
                inode = facts["ino"] ?: return null,
                isForWriting = (facts["events"]?.toLong(16) ?: return null) and EPOLL_OUT != 0L,
            )
        }

        /** Of all epoll descriptors of this program, the one of a new selector: the one that sees what that is given. */
        private fun find(): PipeNumbers? {
            val selector = Selector.open()
            val pipe = Pipe.open()
            try {
                val found = epollListings().firstNotNullOfOrNull { PipeNumbers(selector, it).ifItTells(pipe) }
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

        private fun PipeNumbers.ifItTells(pipe: Pipe): PipeNumbers? =
            try {
                of(pipe)
                this
            } catch (_: IOException) {
                close()
                null
            }
    }
}
