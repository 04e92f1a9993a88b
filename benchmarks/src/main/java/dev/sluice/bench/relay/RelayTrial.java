package dev.sluice.bench.relay;

import dev.sluice.bench.remote.Child;
import dev.sluice.bench.remote.Launcher;
import dev.sluice.bench.remote.RunningServers;
import dev.sluice.bench.run.Peer;
import dev.sluice.bench.run.Sample;
import dev.sluice.bench.run.Settings;
import dev.sluice.bench.run.Trial;
import dev.sluice.bench.run.Work;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;

/** What passes through a relay between two sockets, with the same process at both ends for all relays. */
public final class RelayTrial implements Trial {
    private static final int WARMUPS = 3;
    private static final double PER_BYTE = 1.0 / (1 << 20);

    private final Settings settings;
    private final Launcher launcher;

    public RelayTrial(Settings settings, Launcher launcher) {
        this.settings = settings;
        this.launcher = launcher;
    }

    @Override
    public Work work() {
        return new Work("relay", "relay", "one way through a relay between two sockets", "MiB");
    }

    @Override
    public List<String> peers() {
        return List.of(Peer.SLUICE, Peer.BY_HAND, Peer.SOCAT);
    }

    @Override
    public int warmups() {
        return settings.warmups(WARMUPS);
    }

    @Override
    public double secondsOfRound() {
        return settings.seconds();
    }

    @Override
    public Contest open(List<String> peers) throws IOException {
        return new Relaying(peers);
    }

    private final class Relaying implements Contest {
        private final Child ends = launcher.client(RelayClient.class);
        private final RunningServers relays;

        Relaying(List<String> peers) throws IOException {
            String target = ends.expect("at");
            relays = new RunningServers(peers, name -> start(name, target));
        }

        @Override
        public List<String> peers() {
            return relays.names();
        }

        @Override
        public Sample measure(String peer) throws IOException {
            return relays.measure(peer, ends, Long.toString(settings.millis())).sample(PER_BYTE);
        }

        @Override
        public void close() throws IOException {
            try (ends;
                    relays) {
                // Each is closed, whatever becomes of the other.
            }
        }
    }

    private Child start(String name, String target) throws IOException {
        return name.equals(Peer.SOCAT) ? socat(target) : launcher.server(name, RelayMain.class, name, target);
    }

    /** It does not tell its port, nor when it listens. */
    private Child socat(String target) throws IOException {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        // With a buffer as large as the others have; without, its 8 KiB make it slower. It ends with its input.
        String relay = "socat -b 65536 TCP-LISTEN:%d,bind=127.0.0.1,reuseaddr TCP:127.0.0.1:%s".formatted(port, target);
        // A job of its own, so that all of it can be ended.
        String script =
                "command -v socat >/dev/null || exit %d; set -m; (while %s; do :; done) & echo at %d; read end; kill -- -$!"
                        .formatted(Child.ABSENT, relay, port);
        return launcher.program(Peer.SOCAT, List.of("bash", "-c", script));
    }
}
