package dev.sluice.bench.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;

/** Makes connections from one loopback address after the other, so that they do not run out of ports. */
final class Dialling {
    private static final int ADDRESSES = 16;

    private final SocketAddress server;
    private final boolean isSpread;
    private int made;

    /** @param count how many connections there will be; few need no more than the address that everybody has */
    Dialling(SocketAddress server, int count) {
        this.server = server;
        isSpread = server instanceof InetSocketAddress && count > 1000;
    }

    SocketChannel connect() throws IOException {
        if (server instanceof InetSocketAddress) {
            var channel = SocketChannel.open();
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            if (isSpread) {
                channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                byte[] address = {127, 0, 0, (byte) (1 + made++ % ADDRESSES)};
                channel.bind(new InetSocketAddress(InetAddress.getByAddress(address), 0));
            }
            channel.connect(server);
            return channel;
        }
        return SocketChannel.open(server);
    }
}
