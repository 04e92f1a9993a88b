package dev.sluice.bench.net;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Many connections to one server, each of which it has accepted. */
final class PingPongs {
    // Fewer than any server's backlog holds.
    private static final int AT_ONCE = 50;

    private PingPongs() {}

    static List<PingPong> open(String address, int count) throws IOException {
        var dialling = new Dialling(Address.parse(address), count);
        List<PingPong> connections = new ArrayList<>();
        while (connections.size() < count) {
            connections.add(new PingPong(dialling.connect()));
            if (connections.size() % AT_ONCE == 0 || connections.size() == count) {
                // Servers accept in order: when one more is answered, all before it have been accepted.
                var probe = new PingPong(dialling.connect());
                probe.send(System.nanoTime());
                probe.finish();
            }
        }
        return connections;
    }
}
