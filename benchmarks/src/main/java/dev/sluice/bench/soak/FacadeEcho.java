package dev.sluice.bench.soak;

import dev.sluice.async.AsyncServer;
import dev.sluice.async.AsyncStreams;
import java.net.InetSocketAddress;

/** A server of the facade for Java, which gives back what it gets. */
final class FacadeEcho implements AutoCloseable {
    private final AsyncServer server = AsyncStreams.startServer(
                    "127.0.0.1", 0, connection -> connection.reader().copyTo(connection.writer()))
            .join();

    int port() {
        return ((InetSocketAddress) server.addresses().get(0)).getPort();
    }

    int connections() {
        return server.connections();
    }

    @Override
    public void close() {
        server.close();
        server.abortClients();
    }
}
