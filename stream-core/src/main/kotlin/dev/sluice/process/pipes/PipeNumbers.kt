@file:NotOnAndroid

package dev.sluice.process.pipes

import dev.sluice.NotOnAndroid
import java.io.IOException
import java.io.RandomAccessFile
import java.nio.channels.Pipe
import java.nio.channels.SelectableChannel
import java.nio.channels.SelectionKey
import java.nio.channels.Selector
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.Paths
import kotlin.streams.toList

/**
 * By which numbers the system knows the ends of pipes that a child is given. The JDK does not tell, but on Linux a file tells what an epoll
 * descriptor watches; so a selector is given nothing but these pipes.
 *
 * @param listing the file of [selector]'s epoll descriptor
 */
@NotOnAndroid
internal class PipeNumbers private constructor(
    private val selector: Selector,
    private val listing: Path,
) : AutoCloseable {
    private val file = RandomAccessFile(listing.toFile(), "r")
    private val text = ByteArray(LISTING_BYTES)

    /** What the selector watches for its own sake. */
    private val own by lazy { list().mapTo(HashSet()) { it.number } }

    /**
     * The number of the source of [input], and of the sink of each of the [outputs], two at most. The pipes have to be non-blocking.
     *
     * Which line of the listing is about which pipe shows in what is watched of it: of the input its source alone, of the first output its
     * sink alone, of the second one both.
     *
     * @throws IOException the system does not tell
     */
    @Synchronized
    fun farEnds(
        input: Pipe,
        outputs: List<Pipe>,
    ): Map<Pipe, Int> {
        // Asked for the first time it looks, and the pipes must not be watched yet.
        val before = own
        val ends = ArrayList<SelectableChannel>()
        ends += input.source()
        outputs.mapTo(ends) { it.sink() }
        outputs.getOrNull(1)?.let { ends += it.source() }
        val pipes = watching(ends).filter { it.number !in before }.groupBy { it.inode }.values
        val sinkAlone = pipes.filter { it.size == 1 && it[0].isForWriting }
        val both = pipes.filter { it.size == 2 }
        val numbers = HashMap<Pipe, Int>()
        numbers[input] = pipes.filter { it.size == 1 && !it[0].isForWriting }.onlyNumber()
        outputs.getOrNull(0)?.let { numbers[it] = sinkAlone.onlyNumber() }
        outputs.getOrNull(1)?.let { numbers[it] = both.onlyNumber() }
        return numbers
    }

    private fun List<List<Watched>>.onlyNumber(): Int =
        singleOrNull()?.run { singleOrNull() ?: singleOrNull { it.isForWriting } }?.number
            ?: throw unclear()

    private fun watching(ends: List<SelectableChannel>): List<Watched> {
        val keys = ends.map { it.register(selector, it.validOps()) }
        try {
            selector.selectNow()
            return list()
        } finally {
            keys.forEach(SelectionKey::cancel)
            selector.selectNow()
        }
    }

    /** Read for each process: what takes lines and words apart makes far more than there is to read. */
    private fun list(): List<Watched> {
        file.seek(0)
        val length = file.read(text)
        val listing = String(text, 0, maxOf(length, 0), Charsets.ISO_8859_1)
        val watched = ArrayList<Watched>()
        var line = listing.indexOf(NUMBER)
        while (line >= 0) {
            watched +=
                Watched(
                    number = listing.numberAfter(NUMBER, line, 10).toInt(),
                    inode = listing.numberAfter(INODE, line, 16),
                    isForWriting = listing.numberAfter(EVENTS, line, 16) and EPOLL_OUT != 0L,
                )
            line = listing.indexOf(NUMBER, line + 1)
        }
        return watched
    }

    private fun String.numberAfter(
        name: String,
        from: Int,
        radix: Int,
    ): Long {
        val begin = indexOf(name, from)
        if (begin < 0) throw unclear()
        var at = begin + name.length
        while (at < length && this[at] == ' ') at++
        var number = 0L
        while (at < length) {
            val digit = Character.digit(this[at++], radix)
            if (digit < 0) return number
            number = number * radix + digit
        }
        throw unclear()
    }

    private fun unclear() = IOException("$listing does not tell the number of a pipe")

    override fun close(): Unit = file.close()

    private class Watched(
        val number: Int,
        val inode: Long,
        val isForWriting: Boolean,
    )

    companion object {
        /** Null where the system does not tell. */
        val shared: PipeNumbers? by lazy { if (Files.isDirectory(DESCRIPTORS)) find() else null }

        private val DESCRIPTORS: Path = Paths.get("/proc/self/fd")
        private const val EPOLL_OUT = 4L

        // Of a line such as `tfd: 5 events: 19 data: 5 pos:0 ino:2a9 sdev:c`. Another line has an `ino:` of its own, but no space before it.
        private const val NUMBER = "tfd:"
        private const val EVENTS = " events:"
        private const val INODE = " ino:"
        private const val LISTING_BYTES = 4096

        /** Of all epoll descriptors of this program, the one of a new selector: the one that sees what that is given. */
        private fun find(): PipeNumbers? {
            val selector = Selector.open()
            val pipes = List(3) { Pipe.open() }
            try {
                pipes.forEach {
                    it.source().configureBlocking(false)
                    it.sink().configureBlocking(false)
                }
                val found = epollListings().firstNotNullOfOrNull { PipeNumbers(selector, it).ifItTells(pipes) }
                if (found == null) selector.close()
                return found
            } finally {
                pipes.forEach {
                    it.source().close()
                    it.sink().close()
                }
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

        private fun PipeNumbers.ifItTells(pipes: List<Pipe>): PipeNumbers? =
            try {
                farEnds(pipes.first(), pipes.drop(1))
                this
            } catch (_: IOException) {
                close()
                null
            }
    }
}
