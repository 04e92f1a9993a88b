package dev.sluice.bench.relay;

import dev.sluice.async.AsyncStreams;
import java.io.IOException;
import java.net.InetSocketAddress;

/** A relay in a process of its own: {@code NAME PORT}, the port of the server behind it. Says {@code at} and its own port, and ends with its input. */
final class RelayMain {
    private RelayMain() {}

    public static void main(String[] arguments) throws IOException {
        int target = Integer.parseInt(arguments[1]);
        int port = arguments[0].equals("by-hand") ? RelayByHand.start(target) : startSluice(target);
        System.out.println("at " + port);
        while (System.in.read() >= 0) {
            // Nothing is asked of it.
        }
        System.exit(0);
    }

    private static int startSluice(int target) {
        var server = AsyncStreams.startServer(
                        "127.0.0.1",
                        0,
                        client -> AsyncStreams.openConnection("127.0.0.1", target)
                                .thenCompose(upstream -> AsyncStreams.relay(client, upstream)))
                .join();
        return ((InetSocketAddress) server.addresses().get(0)).getPort();
    }
}
