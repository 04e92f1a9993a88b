package dev.sluice.bench.relay;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.LockSupport;

/**
 * Both ends of a relay. Says {@code at} and where its server listens; of each line {@code PORT MILLIS} it writes into the relay at that port for so long, and
 * says {@code begin}, and {@code end} with the nanoseconds until the last byte came out, and the number of bytes.
 */
final class RelayClient {
    private static final int WRITE_BYTES = 64 * 1024;
    private static final int ATTEMPTS = 500;

    private RelayClient() {}

    public static void main(String[] arguments) throws IOException {
        var server = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        System.out.println("at " + server.socket().getLocalPort());
        var orders = new BufferedReader(new InputStreamReader(System.in));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            String[] words = order.split(" ");
            measure(server, Integer.parseInt(words[0]), Long.parseLong(words[1]));
        }
    }

    private static void measure(ServerSocketChannel server, int port, long millis) throws IOException {
        try (SocketChannel in = connect(port);
                SocketChannel out = server.accept()) {
            System.out.println("begin");
            long begin = System.nanoTime();
            var writer = new Thread(() -> write(in, begin + millis * 1_000_000));
            writer.start();
            long bytes = 0;
            ByteBuffer buffer = ByteBuffer.allocateDirect(WRITE_BYTES);
            for (int count = 0; count >= 0; count = out.read(buffer)) {
                bytes += count;
                buffer.clear();
            }
            System.out.println("end " + (System.nanoTime() - begin) + " " + bytes);
        }
    }

    private static void write(SocketChannel in, long end) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(WRITE_BYTES);
        try {
            while (System.nanoTime() < end) {
                buffer.clear();
                while (buffer.hasRemaining()) {
                    in.write(buffer);
                }
            }
            in.shutdownOutput();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A relay may serve one connection at a time, and not yet listen for the next. */
    private static SocketChannel connect(int port) throws IOException {
        for (int attempt = 1; true; attempt++) {
            try {
                return SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            } catch (ConnectException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
                LockSupport.parkNanos(10_000_000);
            }
        }
    }
}
