/**
 * Sluice for Java: the same readers, writers, connections, servers and processes, with a {@link java.util.concurrent.CompletableFuture} for each
 * operation that may have to wait. Begin with {@link dev.sluice.async.AsyncStreams}.
 *
 * <h2>Futures</h2>
 *
 * An operation that needs no waiting returns a future that is complete. Another one completes on the thread that has the news, which for connections is that of
 * their event loop: what depends on it must not block there, and what takes long goes elsewhere, by {@code thenApplyAsync} and its kin.
 *
 * <p>A future fails with the exception itself, as {@code dev.sluice.StreamClosedException}; {@code join()} wraps it in a
 * {@link java.util.concurrent.CompletionException}, as ever. Cancelling a future, or completing it from outside as {@code orTimeout} does, ends the operation behind
 * it, and no byte is lost: the next read gets it. A future that was made of it, by {@code thenApply} and its kin, does not pass a cancellation on.
 */
@NullMarked
package dev.sluice.async;

import org.jspecify.annotations.NullMarked;
