package dev.sluice.bench.relay;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** What one writes who has two sockets and two buffers: a selector that knows one pair of connections after the other. */
final class RelayByHand {
    private static final int BUFFER = 64 * 1024;

    private final Selector selector = Selector.open();
    private final Way there;
    private final Way back;

    private RelayByHand(SocketChannel client, SocketChannel upstream) throws IOException {
        client.configureBlocking(false);
        upstream.configureBlocking(false);
        SelectionKey clientKey = client.register(selector, SelectionKey.OP_READ);
        SelectionKey upstreamKey = upstream.register(selector, SelectionKey.OP_READ);
        there = new Way(client, clientKey, upstream, upstreamKey);
        back = new Way(upstream, upstreamKey, client, clientKey);
    }

    static int start(int target) throws IOException {
        var server = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        var thread = new Thread(() -> {
            try {
                while (true) {
                    try (var client = server.accept();
                            var upstream = SocketChannel.open(
                                    new InetSocketAddress(InetAddress.getLoopbackAddress(), target))) {
                        new RelayByHand(client, upstream).run();
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return server.socket().getLocalPort();
    }

    private void run() throws IOException {
        try (selector) {
            while (!there.isOver || !back.isOver) {
                selector.select(key -> {});
                there.move();
                back.move();
            }
        }
    }

    private static final class Way {
        private final SocketChannel from;
        private final SelectionKey fromKey;
        private final SocketChannel to;
        private final SelectionKey toKey;
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
        private boolean isOver;

        Way(SocketChannel from, SelectionKey fromKey, SocketChannel to, SelectionKey toKey) {
            this.from = from;
            this.fromKey = fromKey;
            this.to = to;
            this.toKey = toKey;
        }

        void move() throws IOException {
            while (!isOver) {
                int read = from.read(buffer);
                buffer.flip();
                to.write(buffer);
                boolean isFull = buffer.hasRemaining();
                buffer.compact();
                set(toKey, SelectionKey.OP_WRITE, isFull);
                set(fromKey, SelectionKey.OP_READ, !isFull);
                if (read < 0 && !isFull) {
                    to.shutdownOutput();
                    set(fromKey, SelectionKey.OP_READ, false);
                    isOver = true;
                }
                if (isFull || read == 0) {
                    return;
                }
            }
        }

        private static void set(SelectionKey key, int operation, boolean on) {
            int now = key.interestOps();
            int wanted = on ? now | operation : now & ~operation;
            if (wanted != now) {
                key.interestOps(wanted);
            }
        }
    }
}
