package example;

import dev.sluice.async.AsyncConnection;
import dev.sluice.async.AsyncServer;
import dev.sluice.async.AsyncStreams;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.concurrent.CompletionStage;

public final class Main {
    public static void main(String[] arguments) {
        AsyncServer server = AsyncStreams.startServer("127.0.0.1", 0, Main::answer).join();
        int port = ((InetSocketAddress) server.addresses().get(0)).getPort();
        try (server;
                AsyncConnection connection =
                        AsyncStreams.openConnection("127.0.0.1", port).join()) {
            connection.writer().write("hello\nfrom a module\n");
            connection.writer().writeEof();
            connection.reader().forEachLine(System.out::println).join();
        }
    }

    private static CompletionStage<?> answer(AsyncConnection connection) {
        return connection
                .reader()
                .forEachLine(line -> connection.writer().write(line.toUpperCase(Locale.ROOT) + "\n"));
    }

    private Main() {}
}
