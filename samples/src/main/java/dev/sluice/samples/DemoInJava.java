package dev.sluice.samples;

import dev.sluice.async.AsyncConnection;
import java.util.concurrent.CompletableFuture;

/** What the demo does in Java. */
final class DemoInJava {
    static void talk(CompletableFuture<AsyncConnection> connecting) {
        AsyncConnection connection = connecting.join();
        try (connection) {
            connection.writer().write("Hello from Java\n");
            connection.writer().drain().join();
            System.out.println(
                    "    Java hears: " + connection.reader().readLine().join());
        }
        connection.awaitClosed().join();
    }

    private DemoInJava() {}
}
