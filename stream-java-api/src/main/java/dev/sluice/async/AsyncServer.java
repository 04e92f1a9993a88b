package dev.sluice.async;

import dev.sluice.net.StreamServer;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A {@link StreamServer} for Java. Closing it ends listening and leaves its clients alone. */
public final class AsyncServer implements AutoCloseable {
    private final StreamServer server;

    AsyncServer(StreamServer server) {
        this.server = server;
    }

    /** Where it listens. */
    public List<SocketAddress> addresses() {
        return server.getAddresses();
    }

    /** Whether it takes clients. */
    public boolean isServing() {
        return server.isServing();
    }

    /** How many clients it has. */
    public int connections() {
        return server.getConnections();
    }

    /** Begins to take clients, if it does not yet. */
    public CompletableFuture<@Nullable Void> startServing() {
        return MappedOperation.run(server::startServing);
    }

    /** Takes clients until it is closed. Cancelling the future closes it. */
    public CompletableFuture<@Nullable Void> serveForever() {
        return MappedOperation.run(server::serveForever);
    }

    /** Ends listening. */
    @Override
    public void close() {
        server.close();
    }

    /** Completes when it is closed and all handlers are done. */
    public CompletableFuture<@Nullable Void> awaitClosed() {
        return MappedOperation.run(server::awaitClosed);
    }

    /** Closes the connections to its clients. */
    public void closeClients() {
        server.closeClients();
    }

    /** Aborts the connections to its clients. */
    public void abortClients() {
        server.abortClients();
    }

    /** The Kotlin object. */
    public StreamServer unwrap() {
        return server;
    }

    @Override
    public String toString() {
        return server.toString();
    }
}
