package dev.sluice.async;

import dev.sluice.Codec;
import dev.sluice.Connection;
import dev.sluice.Framing;
import dev.sluice.StreamInfo;
import dev.sluice.tls.TlsOptions;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A {@link Connection} for Java: a reader and a writer over one transport. Closing it is that of its writer: what was written is flushed first. */
public final class AsyncConnection implements AutoCloseable {
    private final Connection connection;
    private final AsyncStreamReader reader;
    private final AsyncStreamWriter writer;

    AsyncConnection(Connection connection) {
        this.connection = connection;
        reader = new AsyncStreamReader(connection.getReader());
        writer = new AsyncStreamWriter(connection.getWriter());
    }

    public AsyncStreamReader reader() {
        return reader;
    }

    public AsyncStreamWriter writer() {
        return writer;
    }

    /** What lies below this connection. */
    public StreamInfo info() {
        return connection.getInfo();
    }

    /** Closes it when everything is written, without waiting for that; {@link #awaitClosed()} does. */
    @Override
    public void close() {
        connection.close();
    }

    /** Completes when it is closed and everything is written; fails with what went wrong. */
    public CompletableFuture<@Nullable Void> awaitClosed() {
        return MappedOperation.run(connection::awaitClosed);
    }

    /** Drops what is pending and resets the peer. */
    public void abort() {
        connection.abort();
    }

    /** The same, with the cause that those who wait are told. */
    public void abort(Throwable cause) {
        connection.abort(cause);
    }

    /** Upgrades it to TLS, in place: reader and writer stay as they are. */
    @CheckReturnValue
    public CompletableFuture<@Nullable Void> startTls(TlsOptions options) {
        return MappedOperation.run(it -> connection.startTls(options, it));
    }

    /** This connection as one of messages; it stays usable. */
    public <T> AsyncFramed<T> framed(Codec<T> codec) {
        return new AsyncFramed<>(Framing.framed(connection, codec), this);
    }

    /** The same with a codec of one's own in Java. */
    public <T> AsyncFramed<T> framed(AsyncCodec<T> codec) {
        return framed(Bridge.codec(codec));
    }

    /** The Kotlin object. */
    public Connection unwrap() {
        return connection;
    }

    @Override
    public String toString() {
        return connection.toString();
    }
}
