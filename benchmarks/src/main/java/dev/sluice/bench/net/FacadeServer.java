package dev.sluice.bench.net;

import dev.sluice.async.AsyncConnection;
import dev.sluice.async.AsyncServer;
import dev.sluice.async.AsyncStreams;
import dev.sluice.net.EventLoops;
import dev.sluice.net.ServerOptions;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;

/** Sluice's facade for Java, with one event loop, which accepts as well. */
final class FacadeServer implements NetServer {
    @Override
    public String start(Job job) {
        if (job.carrier() != Carrier.TCP || job.service() != Service.ECHO) {
            throw new UnsupportedOperationException("the facade is there to compare echoes over TCP with");
        }
        ServerOptions options = ServerOptions.builder()
                .eventLoops(EventLoops.create(1, "bench"))
                .build();
        AsyncServer server = AsyncStreams.startServer("127.0.0.1", 0, FacadeServer::serve, options)
                .join();
        return Integer.toString(((InetSocketAddress) server.addresses().get(0)).getPort());
    }

    private static CompletableFuture<Void> serve(AsyncConnection connection) {
        var end = new CompletableFuture<Void>();
        next(connection, end);
        return end;
    }

    /** A loop, and not a chain of futures that each wait for the next: such a chain grows as long as it runs. */
    private static void next(AsyncConnection connection, CompletableFuture<Void> end) {
        connection.reader().read(64 * 1024).whenComplete((bytes, failure) -> {
            if (failure != null || bytes.length == 0) {
                end.complete(null);
                return;
            }
            connection.writer().write(bytes);
            connection.writer().drain().whenComplete((done, lost) -> next(connection, end));
        });
    }
}
