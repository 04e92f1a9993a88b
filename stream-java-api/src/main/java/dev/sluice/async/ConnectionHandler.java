package dev.sluice.async;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What a server does with a client. */
@FunctionalInterface
public interface ConnectionHandler {
    /**
     * Serves the connection, which lives until the returned stage completes; then it is closed, and what was written is flushed. {@code null} means that it is done
     * already. What is thrown, or what the stage fails with, goes to the server's {@code onError}.
     *
     * <p>It is called on the event loop of the connection, or where {@code executor} says, and must not block there.
     */
    @Nullable
    CompletionStage<?> handle(AsyncConnection connection) throws Exception;
}
