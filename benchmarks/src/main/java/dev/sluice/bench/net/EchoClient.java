package dev.sluice.bench.net;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.List;

/**
 * The process of the client, the same one for all servers: one thread, one selector, one message under way on each connection.
 * Each line of its input is a measurement: {@code address connections leadMillis millis}. The lead is not counted: connections
 * are new in it. It answers {@code begin}, then {@code end nanos roundTrips medianNanos p99Nanos}.
 */
final class EchoClient {
    private static final long PATIENCE_MILLIS = 10_000;

    private final Histogram latencies = new Histogram();
    private long now;

    private EchoClient() {}

    public static void main(String[] arguments) throws IOException {
        var client = new EchoClient();
        var orders = new BufferedReader(new InputStreamReader(System.in));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            String[] parts = order.split(" ");
            client.measure(
                    parts[0],
                    Integer.parseInt(parts[1]),
                    Long.parseLong(parts[2]) * 1_000_000,
                    Long.parseLong(parts[3]) * 1_000_000);
        }
    }

    private void measure(String address, int count, long lead, long duration) throws IOException {
        List<PingPong> connections = PingPongs.open(address, count);
        try (Selector selector = Selector.open()) {
            for (PingPong connection : connections) {
                connection.channel.configureBlocking(false);
                connection.channel.register(selector, SelectionKey.OP_READ, connection);
            }
            now = System.nanoTime();
            for (PingPong connection : connections) {
                connection.send(now);
            }
            exchange(selector, lead);
            System.out.println("begin");
            long nanos = exchange(selector, duration);
            System.out.println("end " + nanos + " " + latencies.total() + " " + latencies.quantile(0.5) + " "
                    + latencies.quantile(0.99));
        }
        for (PingPong connection : connections) {
            connection.finish();
        }
    }

    /** Exchanges messages for that long, and returns how long it really was. */
    private long exchange(Selector selector, long duration) throws IOException {
        latencies.clear();
        long start = now;
        while (now - start < duration) {
            if (selector.select(this::answered, PATIENCE_MILLIS) == 0) {
                throw new IOException("no answer for " + PATIENCE_MILLIS / 1000 + " s");
            }
        }
        return now - start;
    }

    private void answered(SelectionKey key) {
        var connection = (PingPong) key.attachment();
        try {
            if (connection.receive()) {
                // The clock is read once for a message: the next one leaves as soon as this one is there.
                now = System.nanoTime();
                latencies.add(now - connection.sent());
                connection.send(now);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
