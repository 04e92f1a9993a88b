package dev.sluice.bench.echo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;

/**
 * The process that holds connections: {@code open port count}, {@code ping} on all of them, {@code close}. It answers each with
 * the same word.
 */
final class IdleClient {
    // Fewer than any server's backlog holds.
    private static final int AT_ONCE = 50;

    private final List<PingPong> connections = new ArrayList<>();

    private IdleClient() {}

    public static void main(String[] arguments) throws IOException {
        var client = new IdleClient();
        var orders = new BufferedReader(new InputStreamReader(System.in));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            String[] parts = order.split(" ");
            switch (parts[0]) {
                case "open" -> client.open(Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
                case "ping" -> client.ping();
                case "close" -> client.close();
                default -> throw new IllegalArgumentException(order);
            }
            System.out.println(parts[0]);
        }
    }

    private void open(int port, int count) throws IOException {
        while (connections.size() < count) {
            connections.add(new PingPong(port));
            if (connections.size() % AT_ONCE == 0 || connections.size() == count) {
                // Servers accept in order: when one more is answered, all before it have been accepted.
                var probe = new PingPong(port);
                probe.send(System.nanoTime());
                probe.finish();
            }
        }
    }

    private void ping() throws IOException {
        for (PingPong connection : connections) {
            connection.send(System.nanoTime());
            while (!connection.receive()) {
                // The rest of it is on its way.
            }
        }
    }

    private void close() throws IOException {
        for (PingPong connection : connections) {
            connection.channel.close();
        }
        connections.clear();
    }
}
