package dev.sluice

import dev.sluice.transport.ByteSource
import kotlinx.coroutines.flow.Flow
import java.io.IOException
import java.io.InputStream
import java.nio.ByteBuffer
import java.nio.charset.Charset
import java.nio.charset.CodingErrorAction

/** How many bytes a line, or a part up to a separator, may have unless another limit is given. */
public const val DEFAULT_LIMIT: Int = 64 * 1024

/**
 * The reading end of a stream.
 *
 * ```kotlin
 * val header = reader.readUntil("\r\n\r\n".toByteArray())
 * val body = reader.readExactly(length)
 * for (line in reader) println(line.decodeToString())
 * ```
 *
 * | | returns early with what is there | the stream ends first | keeps the bytes on an exception |
 * | --- | --- | --- | --- |
 * | `read(n)`, `read(into)`, `chunks` | yes | empty array, -1 | yes |
 * | `read()` | no, reads to the end | what came, empty array at the end | yes |
 * | `readExactly`, `readUntil` | no | [IncompleteReadException] with what came | yes, but for that one |
 * | `readLineBytes`, `readLine`, `lines`, `for` | no | the last line without its end; then empty, `null`, no more | yes |
 * | `skip`, `skipUntil`, `copyTo` | no | what was skipped or copied | what they have not yet dropped or written |
 *
 * **Bytes are pulled.** The source is asked when an operation needs more than the buffer has; a reader that nobody reads
 * holds back the sender.
 *
 * **One at a time.** An operation owns the reader from its call to its return; another one meanwhile gets
 * [IllegalStateException], takes nothing and leaves the first alone.
 *
 * **Cancel safety.** Bytes are taken only in steps that don't suspend. A cancelled operation has taken nothing: the next one
 * starts with the same byte. This holds for every function here, with the exceptions that its own text names.
 *
 * **Failures.** When the source fails, the bytes that came before can still be read; what can't be served from them throws,
 * again and again. After the end of the stream a late failure changes nothing. After [close], or the close or abort of the
 * connection, everything throws [StreamClosedException], also what is waiting at that moment.
 *
 * @property limit bounds `readUntil`, `readLine` and its kin, and iteration: how many bytes may come before the separator
 */
public class StreamReader internal constructor(
    source: ByteSource,
    public val limit: Int,
    private val onClose: () -> Unit,
) {
    /**
     * @param source asked for bytes; [close] closes it
     * @throws IllegalArgumentException the limit is not positive
     */
    @JvmOverloads
    public constructor(source: ByteSource, limit: Int = DEFAULT_LIMIT) : this(source, limit, source::close)

    init {
        require(limit > 0) { "the limit must be positive, not $limit" }
    }

    internal val inflow = Inflow(source)
    private val buffer get() = inflow.buffer

    /** The separators searched for last: protocols use the same ones over and over. */
    @Volatile
    private var separators: Separators = Separators.Newline

    /** The charset of the last line: that it suits lines is known. */
    private var lineCharset = Charsets.UTF_8

    /** What lies below this stream. */
    public val info: StreamInfo get() = inflow

    /**
     * Whether the end was met and every byte before it was read. It turns true only in an operation that meets the end: one
     * that takes the last byte may leave it false, and the next, empty one sets it.
     */
    public val atEof: Boolean get() = inflow.atEof

    /**
     * Up to [n] bytes, at least one, as soon as there are any; an empty array at the end. Without [n], or with a negative
     * one, everything until the end, however much. `read(0)` is empty at once and says nothing about the end.
     */
    public suspend fun read(n: Int = -1): ByteArray {
        if (n == 0) {
            return NO_BYTES
        }
        if (n < 0) {
            return readToEnd()
        }
        val now = now { if (buffer.isEmpty) null else takeAtMost(n) }
        if (now != null) {
            return now
        }
        return readSomeSlowly(n)
    }

    /**
     * Moves bytes into [into], at least one and as many as are there and fit, without allocating; -1 at the end. With no room
     * in [into] it is 0 at once.
     */
    public suspend fun read(into: ByteBuffer): Int {
        require(!into.isReadOnly) { "can't read into a read-only buffer" }
        if (!into.hasRemaining()) {
            return 0
        }
        val now = now { if (buffer.isEmpty) inflow.fillNow(into).takeIf { it > 0 } else buffer.moveTo(into) }
        if (now != null) {
            return now
        }
        return readIntoSlowly(into)
    }

    /**
     * Exactly [n] bytes.
     *
     * @throws IncompleteReadException the stream ended before; it has the bytes that came
     */
    public suspend fun readExactly(n: Int): ByteArray {
        require(n >= 0) { "can't read $n bytes" }
        if (n == 0) {
            return NO_BYTES
        }
        val now = now { takeExactly(n) }
        if (now != null) {
            return now
        }
        return readExactlySlowly(n)
    }

    /**
     * Everything up to a separator, which is the end of the result. Without an argument the separator is `"\n"`. Of several
     * ones the match that ends first wins: one that begins with another, as `"\r\n"` with `"\r"`, is never seen whole.
     *
     * ```kotlin
     * try {
     *     reader.readUntil("\r\n".toByteArray())
     * } catch (e: LimitOverrunException) {
     *     reader.skipUntil("\r\n".toByteArray())      // drop the part that is too long, or readExactly(e.consumed) to have it
     * }
     * ```
     * @throws IncompleteReadException the stream ended before; it has the bytes that came
     * @throws LimitOverrunException more than [limit] bytes before a separator; nothing was consumed
     */
    public suspend fun readUntil(vararg separators: ByteArray): ByteArray {
        val wanted = prepared(separators)
        val now = now { takeThrough(wanted) }
        if (now != null) {
            return now
        }
        return readUntilSlowly(wanted)
    }

    /**
     * A line with its `"\n"`; the last one may lack it; an empty array at the end.
     *
     * ```kotlin
     * val line = try {
     *     reader.readLineBytes()
     * } catch (e: LimitOverrunException) {
     *     reader.skipUntil()                          // drops the whole line; catching alone meets it again
     *     continue
     * }
     * ```
     * @throws LimitOverrunException the line has more than [limit] bytes; nothing was consumed
     */
    public suspend fun readLineBytes(): ByteArray {
        val now = now { takeThrough(Separators.Newline) }
        if (now != null) {
            return now
        }
        return readLineBytesSlowly()
    }

    /**
     * A line as text, without the `"\n"` or `"\r\n"` that ends it; `null` at the end. Malformed bytes become U+FFFD;
     * [text] can report them instead.
     *
     * @throws IllegalArgumentException the charset writes a newline as anything but the byte 0A, as UTF-16 does: use [text]
     * @throws LimitOverrunException the line has more than [limit] bytes; nothing was consumed
     */
    public suspend fun readLine(charset: Charset = Charsets.UTF_8): String? {
        if (charset !== lineCharset) {
            require(charset.hasPlainNewline()) { "a line in $charset does not end with the byte 0A; read it with text($charset)" }
            lineCharset = charset
        }
        val now = now { takeLine(charset) }
        if (now != null) {
            return now
        }
        return readLineSlowly(charset)
    }

    /** `for (line in reader)`: lines as [readLineBytes] gives them, until the end. The iterator keeps nothing of its own. */
    public operator fun iterator(): StreamIterator = StreamIterator(this)

    /** The lines as [readLine] gives them. */
    public fun lines(charset: Charset = Charsets.UTF_8): Flow<String> {
        require(
            charset.hasPlainNewline(),
        ) { "a line in $charset does not end with the byte 0A; use text($charset, byLine = true)" }
        return TakingFlow {
            while (true) {
                emit(readLine(charset) ?: break)
            }
        }
    }

    /** The bytes as they arrive, in pieces of whatever is there. */
    public fun chunks(): Flow<ByteArray> =
        TakingFlow {
            while (true) {
                val chunk = read(READ_SIZE)
                if (chunk.isEmpty()) break
                emit(chunk)
            }
        }

    /**
     * The stream as text, decoded as it comes: a character cut by a chunk is never broken.
     *
     * @param byLine whether iterating gives lines, "\n" kept, instead of pieces as they come
     * @param onMalformed what becomes of bytes that are no text in [charset]: REPORT throws
     *   [java.nio.charset.MalformedInputException]
     */
    public fun text(
        charset: Charset = Charsets.UTF_8,
        byLine: Boolean = false,
        onMalformed: CodingErrorAction = CodingErrorAction.REPLACE,
    ): TextReader = TextReader(this, charset, byLine, onMalformed)

    /**
     * Drops [n] bytes; how many it were, fewer only at the end.
     *
     * **Cancel safety**: what was dropped before a cancellation is gone.
     */
    public suspend fun skip(n: Long): Long {
        require(n >= 0) { "can't skip $n bytes" }
        if (n == 0L) {
            return 0
        }
        inflow.begin()
        return owning {
            var left = n
            while (left > 0 && (!buffer.isEmpty || inflow.fill())) {
                val count = minOf(left, buffer.size.toLong()).toInt()
                buffer.drop(count)
                left -= count
            }
            n - left
        }
    }

    /**
     * Drops everything through the first separator (without an argument: `"\n"`), however far, or to the end; how many bytes
     * it were. The way on after a [LimitOverrunException].
     *
     * **Cancel safety**: what was dropped before a cancellation is gone, but never a part of a separator.
     */
    public suspend fun skipUntil(vararg separators: ByteArray): Long {
        val wanted = prepared(separators)
        inflow.begin()
        return owning {
            var dropped = 0L
            while (true) {
                val length = buffer.lengthThrough(wanted)
                val droppable = if (length > 0) length else buffer.size - buffer.undecided
                buffer.drop(droppable)
                dropped += droppable
                if (length > 0) break
                if (!inflow.fill()) {
                    dropped += buffer.size
                    buffer.clear()
                    break
                }
            }
            dropped
        }
    }

    /**
     * Writes everything until the end to [writer], in constant memory and no faster than it takes it; how many bytes it were.
     * Drains at its end, and leaves the writer open and its output unended.
     *
     * **Cancel safety**: what was handed to the writer before a cancellation stays with it; the rest can still be read.
     */
    public suspend fun copyTo(writer: StreamWriter): Long {
        var copied = 0L
        copyTo(writer) { copied += it }
        return copied
    }

    /** The same, and [handedOver] hears how many bytes each piece has. */
    internal suspend inline fun copyTo(
        writer: StreamWriter,
        handedOver: (Int) -> Unit,
    ) {
        inflow.begin()
        owning {
            while (true) {
                drain(writer)
                if (buffer.isEmpty) {
                    val taken = inflow.passTo(writer)
                    if (taken < 0) break
                    // What the writer did not take is here.
                    handedOver(taken - buffer.size)
                } else {
                    val count = buffer.peek(minOf(buffer.size, READ_SIZE), writer::writeAtMost)
                    buffer.drop(count)
                    handedOver(count)
                }
            }
            drain(writer)
        }
    }

    private suspend inline fun drain(writer: StreamWriter) {
        if (!writer.isDrained()) inflow.untilShut { writer.drain() }
    }

    /**
     * The same bytes for blocking callers. Closing it closes the reader. Not to be used on a thread that must not block: the
     * thread of the event loop that drives the stream gets what is there, and [IllegalStateException] where it would have to wait.
     */
    public fun asInputStream(): InputStream = ReaderInputStream(this)

    /**
     * Shuts the input down: what is waiting or comes later gets [StreamClosedException]. Writing goes on. On a reader that was
     * made on a source of its own, the source is closed.
     */
    public fun close() {
        if (shut()) {
            onClose()
        }
    }

    override fun toString(): String {
        val unusual = if (limit == DEFAULT_LIMIT) emptyList() else listOf("limit=$limit")
        return (inflow.state() + unusual).joinToString(prefix = "StreamReader(", postfix = ")")
    }

    /** How many bytes can be read without asking the source. */
    internal val buffered: Int get() = buffer.size

    /** Has [output] hear of a reset that is met in reading. */
    internal fun join(output: Outflow) {
        inflow.output = output
    }

    /** Ends reading without closing the source; whether this call did it. */
    internal fun shut(): Boolean = inflow.shut()

    /** Waits for the next line to be in the buffer; false at the end of the stream. */
    internal suspend fun awaitLine(): Boolean {
        val now = now { if (lengthThrough(Separators.Newline) > 0) true else null }
        if (now != null) {
            return now
        }
        return awaitLineSlowly()
    }

    /** The line that [awaitLine] has seen. */
    internal fun takeAwaitedLine(): ByteArray =
        atOnce {
            val length = buffer.lengthThrough(Separators.Newline)
            when {
                length > 0 -> buffer.take(length)
                inflow.ended && !buffer.isEmpty -> buffer.takeAll()
                else -> throw NoSuchElementException("no line is there: hasNext() has to come first")
            }
        }

    /** Moves buffered bytes to a blocking caller, waiting for none of them; 0 if there are none. */
    internal fun readBuffered(
        into: ByteArray,
        offset: Int,
        length: Int,
    ): Int = atOnce { buffer.moveTo(into, offset, length) }

    /** The same with what the source has now; -1 at the end. */
    internal fun readNow(
        into: ByteArray,
        offset: Int,
        length: Int,
    ): Int = atOnce { if (hasBytesNow()) buffer.moveTo(into, offset, length) else endOrNothing() }

    /** Moves what is there now, here or at the source; 0 for nothing, -1 at the end. */
    internal fun readNowUnwaited(into: ByteBuffer): Int =
        atOnce {
            when {
                !into.hasRemaining() -> 0
                buffer.isEmpty -> inflow.fillUnwaited(into)
                else -> buffer.moveTo(into)
            }
        }

    /** Waits for the next byte without taking it; whether the stream ends instead. */
    internal suspend fun meetsEnd(): Boolean {
        if (!buffer.isEmpty) return false
        inflow.begin()
        return owning { buffer.isEmpty && !inflow.fill() }
    }

    /** A message of [codec]. One that is there as a whole is taken in one step. */
    internal suspend fun <T> receive(codec: Codec<T>): T? {
        if (codec is LengthPrefixed) {
            val now = now { codec.takeFrom(buffer) }
            if (now != null) {
                @Suppress("UNCHECKED_CAST")
                return now as T
            }
            inflow.end()
        }
        return receiveSlowly(codec)
    }

    /** What is taken on the way to a message is taken only when it is whole: else it is here again. */
    private suspend fun <T> receiveSlowly(codec: Codec<T>): T? {
        inflow.hold()
        val result: T?
        try {
            result = codec.decode(this)
        } catch (e: Throwable) {
            inflow.giveBack()
            throw e
        }
        inflow.letGo()
        return result
    }

    /** Drops at most [n] of the bytes that are there now; -1 at the end. */
    internal fun skipNow(n: Long): Int =
        atOnce {
            if (hasBytesNow()) {
                minOf(n, buffer.size.toLong()).toInt().also(buffer::drop)
            } else {
                endOrNothing()
            }
        }

    private fun hasBytesNow() = !buffer.isEmpty || inflow.fillUnwaited() > 0

    private fun endOrNothing() = if (inflow.ended) -1 else 0

    /** Whether the caller is on the thread of the loop that drives this stream, and must not block. */
    internal val isInLoop: Boolean get() = inflow.isInLoop

    // What the buffer serves is served by now(), in functions that call their slow half in tail position and so need no state
    // machine. The slow half takes over the ownership of the inflow and ends it.

    /** What [take] finds in the buffer, or in what the source has now; with `null` the inflow is still owned. */
    private suspend inline fun <T : Any> now(take: () -> T?): T? {
        ensureCallerIsActive()
        inflow.begin()
        var taken: T? = null
        var failed = true
        try {
            while (inflow.mayGoOn()) {
                taken = take()
                if (taken != null || inflow.fillNow() <= 0) break
            }
            failed = false
        } finally {
            if (failed || taken != null) inflow.end()
        }
        return taken
    }

    private suspend inline fun <T> owning(operation: () -> T): T {
        try {
            inflow.passTurn()
            return operation()
        } finally {
            inflow.end()
        }
    }

    private inline fun <T> atOnce(operation: () -> T): T {
        inflow.begin()
        try {
            return operation()
        } finally {
            inflow.end()
        }
    }

    private fun takeAtMost(n: Int): ByteArray = buffer.take(minOf(n, buffer.size))

    private fun takeExactly(n: Int): ByteArray? {
        if (buffer.size < n) {
            buffer.expect(n)
            return null
        }
        return buffer.take(n)
    }

    private fun takeThrough(separators: Separators): ByteArray? {
        val length = lengthThrough(separators)
        return if (length == 0) null else buffer.take(length)
    }

    /** How many bytes there are through the first of [separators]; 0 if none is here. */
    private fun lengthThrough(separators: Separators): Int {
        val length = buffer.lengthThrough(separators)
        val before = if (length == 0) buffer.size + 1 - separators.longest else length - buffer.matchLength
        if (before > limit) throw LimitOverrunException(before, limit)
        return length
    }

    private fun takeLine(charset: Charset): String? {
        val length = lengthThrough(Separators.Newline)
        return if (length == 0) null else takeLine(length, charset)
    }

    private fun takeLine(
        length: Int,
        charset: Charset,
    ): String {
        val ending =
            when {
                buffer[length - 1] != NEWLINE -> 0
                length > 1 && buffer[length - 2] == CARRIAGE_RETURN -> 2
                else -> 1
            }
        return buffer.takeText(length - ending, ending, charset)
    }

    private suspend fun readSomeSlowly(n: Int): ByteArray =
        owning {
            if (buffer.isEmpty) inflow.fillHere()
            takeAtMost(n)
        }

    private suspend fun readToEnd(): ByteArray {
        inflow.begin()
        return owning {
            do {
                val more = inflow.fill()
            } while (more)
            buffer.takeAll()
        }
    }

    private suspend fun readIntoSlowly(into: ByteBuffer): Int =
        owning {
            if (buffer.isEmpty) inflow.fillHere(into) else buffer.moveTo(into)
        }

    private suspend fun readExactlySlowly(n: Int): ByteArray =
        owning {
            try {
                var taken = takeExactly(n)
                while (taken == null) {
                    if (!inflow.fillHere()) throw IncompleteReadException(buffer.takeAll(), n)
                    taken = takeExactly(n)
                }
                taken
            } finally {
                buffer.expect(0)
            }
        }

    private suspend fun readUntilSlowly(separators: Separators): ByteArray =
        owning {
            val length = fillThrough(separators)
            if (length == 0) throw IncompleteReadException(buffer.takeAll())
            buffer.take(length)
        }

    private suspend fun awaitLineSlowly(): Boolean = owning { fillLine() > 0 }

    private suspend fun readLineBytesSlowly(): ByteArray = owning { buffer.take(fillLine()) }

    private suspend fun readLineSlowly(charset: Charset): String? =
        owning {
            val length = fillLine()
            if (length == 0) null else takeLine(length, charset)
        }

    /** Fills the buffer until it has a line; its length, with its end. The last line needs none; 0 is the end. */
    private suspend inline fun fillLine(): Int {
        val length = fillThrough(Separators.Newline)
        return if (length == 0) buffer.size else length
    }

    /** Fills the buffer until it has one of [separators]; how many bytes that is, or 0 if the stream ends before. */
    private suspend inline fun fillThrough(separators: Separators): Int {
        do {
            val length = lengthThrough(separators)
            if (length > 0) return length
        } while (inflow.fillHere())
        return 0
    }

    private fun prepared(wanted: Array<out ByteArray>): Separators {
        val last = separators
        val prepared =
            when {
                wanted.isEmpty() -> return Separators.Newline
                last.isSame(wanted) -> return last
                else -> Separators.of(wanted)
            }
        separators = prepared
        return prepared
    }

    private companion object {
        const val NEWLINE = '\n'.code.toByte()
        const val CARRIAGE_RETURN = '\r'.code.toByte()
    }
}
