package dev.sluice.samples;

import dev.sluice.InfoKey;
import dev.sluice.async.AsyncConnection;
import dev.sluice.async.AsyncStreams;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** Waits for data on a socket that something else has opened: a library, a parent process, or here the JDK. */
public final class WaitForData {
    public static void main(String[] arguments) throws IOException {
        InetSocketAddress address = new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1]));
        SocketChannel channel = SocketChannel.open(address);

        // From here on the channel belongs to the connection, which also closes it.
        try (AsyncConnection connection = AsyncStreams.openConnection(channel).join()) {
            System.out.println("waiting for " + connection.info().get(InfoKey.PeerAddress));
            byte[] data = connection.reader().read(100).join();
            System.out.println("received " + data.length + " bytes: " + new String(data, StandardCharsets.UTF_8));
        }
    }

    private WaitForData() {}
}
