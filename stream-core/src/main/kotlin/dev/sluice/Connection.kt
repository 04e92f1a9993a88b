package dev.sluice

import dev.sluice.tls.TlsOptions
import dev.sluice.transport.Transport
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * A reader and a writer over one transport.
 *
 * ```kotlin
 * connection.use { (reader, writer) ->
 *     writer.write("ping\n")
 *     writer.drain()
 *     println(reader.readLine())
 * }
 * ```
 * [close] and [abort] are the writer's and end the reader, too. A reset that the reader meets fails the writer as well. The
 * connection lives as long as its reader or its writer is in use; one that is lost without having been closed is closed at some time, and
 * logged.
 *
 * @param transport what lies below; it belongs to the connection from now on
 * @param limit the [reader]'s
 * @param writeLimit the [writer]'s
 * @param closeTimeout how long a flush after [close] may go without the peer taking a byte; then the connection is aborted, and
 *   [awaitClosed] throws [CloseTimeoutException]
 * @param background where flushing that has to wait, and the clock of [closeTimeout], run
 */
public class Connection
    @JvmOverloads
    constructor(
        transport: Transport,
        limit: Int = DEFAULT_LIMIT,
        writeLimit: Int = DEFAULT_WRITE_LIMIT,
        closeTimeout: Duration = 30.seconds,
        background: CoroutineDispatcher = Dispatchers.Unconfined,
    ) : AutoCloseable {
        init {
            require(closeTimeout.isPositive()) { "closeTimeout must be positive, not $closeTimeout" }
        }

        public val reader: StreamReader = StreamReader(transport, limit, onClose = {})

        public val writer: StreamWriter = StreamWriter(transport, writeLimit, reader, closeTimeout, background)

        init {
            writer.watchForLeak(transport)
        }

        /** What lies below. */
        public val info: StreamInfo get() = writer.info

        public operator fun component1(): StreamReader = reader

        public operator fun component2(): StreamWriter = writer

        /** Writes what is pending, then closes; see [StreamWriter.close]. */
        override fun close(): Unit = writer.close()

        /** Waits until the connection is closed, or lost; see [StreamWriter.awaitClosed]. */
        public suspend fun awaitClosed(): Unit = writer.awaitClosed()

        /** Ends the connection now and drops what is pending; see [StreamWriter.abort]. */
        @JvmOverloads
        public fun abort(cause: Throwable? = null): Unit = writer.abort(cause)

        /** Goes on over TLS, after a handshake; see [StreamWriter.startTls]. */
        public suspend fun startTls(options: TlsOptions): Unit = writer.startTls(options)

        override fun toString(): String = "Connection($reader, $writer)"
    }
