package dev.sluice.async;

import dev.sluice.Framed;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** A {@link Framed} connection for Java, one of messages. Any number of threads may send; one message at a time is received. */
public final class AsyncFramed<T> implements AutoCloseable {
    private final Framed<T> framed;
    private final AsyncConnection connection;

    AsyncFramed(Framed<T> framed, AsyncConnection connection) {
        this.framed = framed;
        this.connection = connection;
    }

    /** Writes the message whole, and drains. */
    @CheckReturnValue
    public CompletableFuture<@Nullable Void> send(T message) {
        return MappedOperation.run(it -> framed.send(message, it));
    }

    /** The next message; {@code null} at the end. Cancelled, or failed, it has taken nothing. */
    @CheckReturnValue
    public CompletableFuture<@Nullable T> receive() {
        return connection.reader().receive(framed);
    }

    /** All further messages. One is received when it is asked for, and not before. */
    @NotOnAndroid
    public Flow.Publisher<T> messages() {
        return Publishers.of(framed.messages());
    }

    /** What lies below; what no message was made of is in its reader. */
    public AsyncConnection connection() {
        return connection;
    }

    /** Closes the connection, after what was sent. */
    @Override
    public void close() {
        framed.close();
    }

    /** The Kotlin object. */
    public Framed<T> unwrap() {
        return framed;
    }

    @Override
    public String toString() {
        return framed.toString();
    }
}
