package dev.sluice

import dev.sluice.tls.TlsOptions
import dev.sluice.transport.ByteSink
import dev.sluice.transport.Transport
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.io.IOException
import java.io.OutputStream
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.nio.charset.Charset
import java.nio.file.Path
import java.nio.file.StandardOpenOption
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration

/** How many bytes a writer holds for a sink that does not take them, unless another limit is given. */
public const val DEFAULT_WRITE_LIMIT: Int = 16 * 1024 * 1024

/**
 * The writing end of a stream.
 *
 * ```kotlin
 * writer.write("HELO sluice\r\n")
 * writer.drain()                          // with the OS now, or this throws
 * writer.close()
 * writer.awaitClosed()
 * ```
 *
 * **Writing never waits.** [write] hands the sink what it takes at once and keeps a copy of the rest, which leaves by itself as
 * soon as there is room; arrays and buffers may be reused when it returns. [drain] is how a sender waits for a slow peer. One
 * that never drains meets [WriteLimitException]. On the thread of an event loop that drives the stream small writes are collected:
 * they leave together with the next [drain] or large write, and at the latest when the loop's turn ends.
 *
 * **Threads.** Any number of coroutines and threads may write; each call's bytes stay together. Any number may drain.
 *
 * **With the OS is not received.** Only an answer of the peer proves that it has the bytes.
 *
 * **Three ends.** [writeEof] ends the output after what was written, and the input goes on. [close] does the same, ends the
 * input too and releases the stream when everything is written. [abort] drops what is not written, and the peer sees a reset
 * where the transport knows one. After a failure below, each later call throws it, with the first one as its cause.
 */
public class StreamWriter internal constructor(
    sink: ByteSink,
    writeLimit: Int,
    reader: StreamReader?,
    closeTimeout: Duration,
    background: CoroutineContext,
) {
    /**
     * @param sink takes the bytes; [close] closes it
     * @throws IllegalArgumentException the limit is not positive
     */
    @JvmOverloads
    public constructor(sink: ByteSink, writeLimit: Int = DEFAULT_WRITE_LIMIT) :
        this(sink, writeLimit, null, Duration.INFINITE, Dispatchers.Unconfined)

    init {
        require(writeLimit > 0) { "the write limit must be positive, not $writeLimit" }
    }

    private val outflow = Outflow(sink, writeLimit, reader, closeTimeout, background).also { reader?.join(it) }

    /** How many bytes may be [pending] before a write is refused. */
    public val writeLimit: Int get() = outflow.limit

    /** What lies below this stream. */
    public val info: StreamInfo get() = outflow

    /** Bytes not yet with the OS. Those of a file that is being sent are not in memory and do not count. */
    public val pending: Long get() = outflow.pending

    /** Whether [close] or [abort] was called or the connection was lost. The end of the peer's output does not count. */
    public val isClosing: Boolean get() = outflow.isClosing

    /** Whether the output can be ended while the input goes on. */
    public val canWriteEof: Boolean get() = outflow.sink.canWriteEof

    /**
     * Writes [length] bytes of [data] from [offset], without waiting.
     *
     * @throws WriteLimitException they and what is [pending] would be more than [writeLimit]; none of them was accepted
     * @throws StreamClosedException after [close] or [abort]
     * @throws IllegalStateException after [writeEof]
     * @throws IOException the connection was lost before
     */
    @JvmOverloads
    public fun write(
        data: ByteArray,
        offset: Int = 0,
        length: Int = data.size - offset,
    ) {
        outflow.write(data, offset, length)
    }

    /** Writes what [data] has between position and limit, and moves its position to the limit. */
    public fun write(data: ByteBuffer) {
        outflow.write(data)
    }

    /** Writes [text] in [charset]. */
    @JvmOverloads
    public fun write(
        text: CharSequence,
        charset: Charset = Charsets.UTF_8,
    ) {
        val bytes = text.toString().toByteArray(charset)
        outflow.write(bytes, 0, bytes.size)
    }

    /** Writes the arrays one after another, adding nothing: all of them or, where [write] would throw, none. */
    public fun writeLines(data: Iterable<ByteArray>) {
        val parts = data.toList()
        val total = parts.sumOf { it.size.toLong() }
        outflow.checkWritable(total)
        val joined = ByteBuffer.allocate(total.toInt())
        parts.forEach(joined::put)
        outflow.write(joined.bounds(0, joined.capacity()))
    }

    /**
     * Returns when everything that was written before is with the OS; what others write meanwhile is not waited for.
     *
     * **Cancel safety**: a cancelled drain changes nothing. The bytes are still sent, and another drain waits for them.
     *
     * @throws ConnectionResetException the peer is gone
     * @throws StreamClosedException after [close], or on an [abort], whose cause is its cause
     * @throws IOException the sink failed in another way
     */
    public suspend fun drain() {
        if (!outflow.mayGoOn()) return drainAfterOthers()
        ensureCallerIsActive()
        val target = outflow.drainTarget()
        if (target > 0) return outflow.awaitSettled(target)
    }

    private suspend fun drainAfterOthers() {
        outflow.passTurn()
        outflow.awaitSettled(outflow.drainTarget())
    }

    /**
     * Ends the output after what was written: the peer reads that, then the end. The input goes on. Does nothing on an output
     * that has ended already. What goes wrong shows in [drain] and [awaitClosed].
     *
     * @throws UnsupportedOperationException exactly when [canWriteEof] is false; nothing was ended
     */
    public fun writeEof() {
        if (!canWriteEof) {
            throw UnsupportedOperationException("this stream${info.toPeer()} can't end its output and go on reading")
        }
        outflow.endOutput()
    }

    /**
     * Writes what is pending, then releases the stream; the input ends at once. Returns immediately and never throws;
     * [awaitClosed] waits and tells what went wrong. On a connection the peer has `closeTimeout` to take the next byte; on a
     * writer over a sink of its own only [abort] ends a wait for a peer that takes none.
     */
    public fun close() {
        outflow.close()
    }

    /**
     * Waits until the stream is closed, or lost. Without a [close] or [abort] it waits for a loss; the end of the peer's output
     * is none.
     *
     * **Cancel safety**: only the caller is affected.
     *
     * @throws ConnectionResetException the peer was gone before everything was written
     * @throws CloseTimeoutException the peer took no byte for too long
     * @throws IOException what [abort] was given
     */
    public suspend fun awaitClosed() {
        outflow.awaitClosed()
    }

    /**
     * Ends the stream now: drops what is pending, ends the input, and resets the peer. Waiting operations get
     * [StreamClosedException] with [cause] as their cause. Never throws; does nothing on a stream that has ended. Unix sockets and
     * pipes know no reset: their peers see an ordinary end.
     */
    @JvmOverloads
    public fun abort(cause: Throwable? = null) {
        outflow.abort(cause)
    }

    /**
     * Sends [count] bytes of the file at [path] from [offset] (without a count: to its end) and returns when they are with the
     * OS; how many they were, fewer if the file is shorter. Later writes, and a later file, come after it. The file is
     * read piece by piece on [Dispatchers.IO], so nobody waits for the disk. If reading it fails half-way, the part that was read has
     * been sent: close or abort the stream then, unless the protocol can tell.
     *
     * **Cancel safety**: a cancelled call changes nothing. The file is still sent.
     *
     * @throws StreamClosedException the stream was aborted meanwhile
     * @throws IOException the file can't be opened or read, or the connection was lost
     */
    public suspend fun sendFile(
        path: Path,
        offset: Long = 0,
        count: Long = -1,
    ): Long {
        require(offset >= 0) { "a file has no byte $offset" }
        outflow.checkWritable()
        var opened: FileRegion? = null
        var sending = false
        try {
            withContext(Dispatchers.IO) { opened = open(path, offset, count) }
            val region = opened!!
            val target = outflow.send(region)
            sending = true
            outflow.awaitSettled(target)
            region.failure?.let { throw it.forCaller() }
            return region.sent
        } finally {
            if (!sending) opened?.dispose(isInUse = false)
        }
    }

    private fun open(
        path: Path,
        offset: Long,
        count: Long,
    ): FileRegion {
        val file = FileChannel.open(path, StandardOpenOption.READ)
        try {
            val there = (file.size() - offset).coerceAtLeast(0)
            return FileRegion(file, offset, if (count < 0) there else minOf(count, there))
        } catch (e: IOException) {
            file.close()
            throw e
        }
    }

    /**
     * Upgrades the connection in place: after a handshake both its reader and this writer go on over TLS, as the same objects. Bytes that the
     * reader has buffered go to TLS and never to its callers, so a peer, or somebody between, can't slip in plain ones. What was written
     * before is sent first, in plain; what is written during the handshake goes out after it, encrypted.
     *
     * This side is the client, which verifies the host that the connection was opened to, unless [TlsOptions.serverHostname] names another
     * one; in a server's handler it is the server. [TlsOptions.role] says otherwise where that is wrong.
     *
     * After a failed or cancelled handshake the connection is closed.
     *
     * @throws IllegalArgumentException a client has no host name to verify, or the options can't be met; the connection is as it was
     * @throws IllegalStateException another coroutine reads or drains; it goes on doing so
     * @throws StreamClosedException the connection is closed
     * @throws javax.net.ssl.SSLException the handshake failed; the message says why
     * @throws TlsHandshakeTimeoutException it took longer than [TlsOptions.handshakeTimeout]
     * @throws UnsupportedOperationException this writer is no half of a connection
     */
    public suspend fun startTls(options: TlsOptions): Unit = TlsUpgrade(outflow).run(options)

    /**
     * The same stream for blocking callers; a write returns when its bytes are with the OS. One that is larger than the
     * [writeLimit] goes in pieces, between which others may write. Closing it closes the writer. On the thread of the event loop
     * that drives the stream, which must not block, what would have to wait throws [IllegalStateException]; the bytes still leave,
     * and a close still closes.
     */
    public fun asOutputStream(): OutputStream = WriterOutputStream(this)

    override fun toString(): String {
        val unusual = if (writeLimit == DEFAULT_WRITE_LIMIT) emptyList() else listOf("limit=$writeLimit")
        return (outflow.state() + unusual).joinToString(prefix = "StreamWriter(", postfix = ")")
    }

    internal fun watchForLeak(transport: Transport) {
        outflow.watchForLeak(transport)
    }

    /** Whether a drain has nothing to wait for; what waits for the end of a turn leaves now. */
    internal fun isDrained(): Boolean = outflow.drainTarget() == 0L

    /** Runs [write], which writes to this what belongs together: it is not parted from others of its kind, nor refused for its length. */
    internal inline fun writeWhole(write: () -> Unit): Unit = synchronized(this) { outflow.exceeding(write) }

    /** The same where less than the limit is pending; else false. */
    internal inline fun writeWholeIfRoom(write: () -> Unit): Boolean {
        synchronized(this) {
            if (pending >= writeLimit) return false
            outflow.exceeding(write)
        }
        return true
    }

    /** As a write of nothing. */
    internal fun checkWritable(): Unit = outflow.checkWritable()

    internal val isClosedInOrder: Boolean get() = outflow.isClosedInOrder

    /** A writer on this one: it waits where this one does. */
    internal fun over(sink: WriterSink) = StreamWriter(sink, writeLimit, null, Duration.INFINITE, outflow.background)

    internal val isInLoop: Boolean get() = outflow.isInLoop

    /** Writes as much of [data] as the limit allows. */
    internal fun writeAtMost(data: ByteBuffer) {
        val end = data.limit()
        try {
            outflow.writeAtMost(data)
        } finally {
            data.bounds(data.position(), end)
        }
    }

    /** Writes as much of the given bytes as the limit allows; how much. */
    internal fun writeAtMost(
        data: ByteArray,
        offset: Int,
        length: Int,
    ): Int {
        val view = ByteBuffer.wrap(data, offset, length)
        outflow.writeAtMost(view)
        return view.position() - offset
    }

    /** Writes as much of the given bytes as the limit allows, and blocks until that is with the OS; how much. */
    internal fun writeBlocking(
        data: ByteArray,
        offset: Int,
        length: Int,
    ): Int {
        val view = ByteBuffer.wrap(data, offset, length)
        val target = outflow.writeAtMost(view)
        if (!outflow.isSettled(target)) {
            // The bytes leave all the same, as soon as there is room.
            if (outflow.isInLoop) refuseToBlock(INSTEAD)
            blocking { outflow.awaitSettled(target) }
        }
        return view.position() - offset
    }

    internal fun drainBlocking() {
        if (outflow.isInLoop && outflow.drainTarget() > 0) refuseToBlock(INSTEAD)
        blocking { drain() }
    }

    internal fun awaitClosedBlocking() {
        if (outflow.isInLoop && !outflow.isClosed) refuseToBlock(INSTEAD)
        blocking { awaitClosed() }
    }

    private companion object {
        const val INSTEAD = "functions of the writer"
    }
}
