package dev.sluice.samples;

import dev.sluice.async.AsyncServer;
import dev.sluice.async.AsyncStreams;
import java.net.InetSocketAddress;

/**
 * Passes everything on between its clients and another server: bytes, no faster than either side takes them, the end of each
 * direction by itself, and resets.
 */
public final class TcpProxy {
    public static void main(String[] arguments) {
        int port = Integer.parseInt(arguments[0]);
        String host = arguments[1];
        int targetPort = Integer.parseInt(arguments[2]);
        AsyncServer server = AsyncStreams.startServer(
                        "127.0.0.1",
                        port,
                        client -> AsyncStreams.openConnection(host, targetPort)
                                .thenCompose(target -> AsyncStreams.relay(client, target))
                                .thenAccept(relayed -> System.out.println(
                                        relayed.getFirstToSecond().getBytes() + " bytes up, "
                                                + relayed.getSecondToFirst().getBytes() + " bytes down")))
                .join();
        InetSocketAddress address = (InetSocketAddress) server.addresses().get(0);
        System.out.println("listening on port " + address.getPort());
        server.serveForever().join();
    }

    private TcpProxy() {}
}
