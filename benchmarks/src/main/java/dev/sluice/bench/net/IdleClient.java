package dev.sluice.bench.net;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.List;

/**
 * The process that holds connections: {@code open address count}, {@code ping} on all of them, {@code close}. It answers each with
 * the same word.
 */
final class IdleClient {
    private List<PingPong> connections = List.of();

    private IdleClient() {}

    public static void main(String[] arguments) throws IOException {
        var client = new IdleClient();
        var orders = new BufferedReader(new InputStreamReader(System.in));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            String[] parts = order.split(" ");
            switch (parts[0]) {
                case "open" -> client.connections = PingPongs.open(parts[1], Integer.parseInt(parts[2]));
                case "ping" -> client.ping();
                case "close" -> client.close();
                default -> throw new IllegalArgumentException(order);
            }
            System.out.println(parts[0]);
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
        connections = List.of();
    }
}
