package dev.sluice.bench.relay;

import dev.sluice.bench.remote.Arguments;
import dev.sluice.bench.remote.Child;
import dev.sluice.bench.remote.Launcher;
import dev.sluice.bench.remote.Measurement;
import dev.sluice.bench.remote.Result;
import dev.sluice.bench.remote.Rounds;
import dev.sluice.bench.remote.RunningServers;
import dev.sluice.bench.remote.Table;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What passes through a relay between two sockets: the relays in turn, round by round, between the same client and its own server. */
final class RelayBenchmark {
    private static final String SOCAT = "socat";
    private static final List<String> RELAYS = List.of("sluice", "by-hand", SOCAT);
    private static final int WARMUPS = 3;
    private static final double MEBIBYTE = 1 << 20;

    private final List<String> relays;
    private final Rounds rounds;
    private final Launcher launcher;

    private RelayBenchmark(Arguments arguments) {
        relays = arguments.servers(RELAYS, RELAYS);
        rounds = Rounds.of(arguments, WARMUPS);
        launcher = new Launcher(!arguments.unpinned());
    }

    public static void main(String[] arguments) throws IOException {
        RelayBenchmark benchmark;
        try {
            benchmark = new RelayBenchmark(new Arguments(arguments, Set.of("--only", "--rounds", "--seconds")));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
            return;
        }
        benchmark.run();
    }

    private void run() throws IOException {
        List<Result> results = new ArrayList<>();
        try (Child client = launcher.client(RelayClient.class)) {
            String target = client.expect("port");
            try (var servers = new RunningServers(relays, name -> start(name, target))) {
                servers.names().forEach(name -> results.add(new Result(name, "one way through a relay", "MiB")));
                rounds.run(results, (result, round, counts) -> {
                    var usage = servers.measure(result.server(), client, Long.toString(rounds.millis()));
                    var measurement = new Measurement(
                            Long.parseLong(usage.end().get(0)),
                            Long.parseLong(usage.end().get(1)) / MEBIBYTE,
                            usage.serverCpuNanos(),
                            usage.clientCpuNanos());
                    System.err.printf("%s, %s: %,.0f MiB/s%n", round, result.server(), measurement.rate());
                    if (counts) {
                        result.rounds().add(measurement);
                    }
                });
            }
        }
        System.out.print(Table.of(results));
        write(results);
    }

    private Child start(String name, String target) throws IOException {
        return name.equals(SOCAT) ? socat(target) : launcher.server(name, RelayMain.class, name, target);
    }

    /** It does not tell its port, nor when it listens. */
    private Child socat(String target) throws IOException {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        // With a buffer as large as the others have; without, its 8 KiB make it slower. It ends with its input.
        String relay =
                "%s -b 65536 TCP-LISTEN:%d,bind=127.0.0.1,reuseaddr TCP:127.0.0.1:%s".formatted(SOCAT, port, target);
        // A job of its own, so that all of it can be ended. Its processor time is not seen: it is that of the shell's
        // children.
        String script =
                "command -v socat >/dev/null || exit %d; set -m; (while %s; do :; done) & echo port %d; read end; kill -- -$!"
                        .formatted(Child.ABSENT, relay, port);
        return launcher.server(SOCAT, List.of("bash", "-c", script));
    }

    private void write(List<Result> results) throws IOException {
        Path file = Path.of(System.getProperty("benchmarks.home"), "target", "relay.json");
        Files.writeString(file, """
                {
                  %s,
                  "roundMillis": %d, "rounds": %d,
                  "results": [
                %s
                  ]
                }
                """.formatted(
                        launcher.toJson(),
                        rounds.millis(),
                        rounds.counted(),
                        results.stream().map(Result::toJson).collect(Collectors.joining(",\n"))));
        System.err.println("all rounds are in " + file);
    }
}
