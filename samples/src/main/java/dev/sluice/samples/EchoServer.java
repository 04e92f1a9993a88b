package dev.sluice.samples;

import dev.sluice.async.AsyncServer;
import dev.sluice.async.AsyncStreams;
import java.net.InetSocketAddress;

/** Sends everything back that comes in, to any number of clients. */
public final class EchoServer {
    public static void main(String[] arguments) {
        AsyncServer server = AsyncStreams.startServer(
                        "127.0.0.1",
                        Integer.parseInt(arguments[0]),
                        client -> client.reader().copyTo(client.writer()))
                .join();
        InetSocketAddress address = (InetSocketAddress) server.addresses().get(0);
        System.out.println("listening on port " + address.getPort());
        server.serveForever().join();
    }

    private EchoServer() {}
}
